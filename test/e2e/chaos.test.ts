// Everything that can go wrong, at random and under load; what must hold afterwards is exact. WSGID_LONG=1 takes a minute, WSGID_SEED=N repeats
// the choices of a run.
import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { census, openDescriptors, pidsTitled } from '../support/census.ts'
import { eventually } from '../support/eventually.ts'
import { aDeployedGroup, deploy, ledgerVersion } from '../support/group-files.ts'
import { makeMischief, randomFrom, type Mischief } from '../support/mischief.ts'
import { loadMixed, type Failure } from '../support/mixed-load.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { atEnd, conclusively, test } from '../support/test.ts'

const chaosSeconds = process.env['WSGID_LONG'] === '1' ? 60 : 10
const seed = Number(process.env['WSGID_SEED'] ?? Date.now() % 1_000_000)
const names = ['plain', 'preloaded'] as const
const processes = 3

test(
  'after kills, stops, reloads, restarts and broken scripts at random, everything is as before and every failed request is explained',
  async () => {
    process.stderr.write(`figures: chaos for ${chaosSeconds} s with WSGID_SEED=${seed}\n`)
    const site = await makeSite()
    const ledger = `${await site.directoryOf('www-data', 'ledger')}/ids`
    const title = `chaos-${process.pid}-${seed}`
    for (const name of names) await deploy(site, name, ledgerVersion('first'))
    const options = { processes, 'display-name': title, ...patience }
    const definition = (name: string, change: number) =>
      aDeployedGroup(name, {
        ...options,
        preload: name === 'preloaded',
        env: { CHANGE: String(change) },
        applications: [{ mount: `/${name}`, script: `../scripts/${name}.py`, environ: { 'ledger.file': ledger } }],
      })
    const groups = names.map((name) => definition(name, 0))
    await using server = await startWsgid({ site, groups })
    // A template process that has preloaded makes what the next worker needs as soon as it has the leisure.
    await eventually('everything is at rest', () => (isAtRest(stateOf(server.pid)) ? true : undefined))
    const before = withoutStatus(stateOf(server.pid))
    const files = await filesOf(server)

    await using plain = loadMixed(server.url('/plain'), { kept: 6, fresh: 2, pauseMs: 5, prefix: 'plain-' })
    await using preloaded = loadMixed(server.url('/preloaded'), { kept: 6, fresh: 2, pauseMs: 5, prefix: 'preloaded-' })
    const random = randomFrom(seed)
    const mischief = makeMischief({ server, random, groups: names, definition })
    const deeds = await wreak(mischief, random)
    await mischief.end()
    const reports = [await plain.stop(), await preloaded.stop()]
    const failures = reports.flatMap((report) => report.failures)
    process.stderr.write(
      `figures: chaos: ${deeds.length} deeds, ${reports.reduce((sum, { answered }) => sum + answered, 0)} requests answered, ` +
        `failed ${JSON.stringify(reports.map(({ failed }) => failed))}, ${mischief.routerKills.length} routers killed\n`,
    )

    const logs = (await Promise.all([...names, 'wsgid'].map((name) => server.log(name)))).join('\n')
    conclusively(() => expect(runTwice(readFileSync(ledger, 'utf8'))).toEqual([]))
    // What a killed router took along is told by the times at which this process noticed: that can be late.
    expect(unexplained(failures, logs, mischief.routerKills)).toEqual([])
    await server.statusWhen('every group runs', ({ groups: now }) =>
      now.every(({ state, workers }) => state === 'running' && workers.length === processes),
    )
    await eventually('everything is as before', () => (sameAs(before, server.pid) ? true : undefined), 15).catch(
      () => null,
    )
    expect(stateOf(server.pid)).toEqual(before)
    expect(await filesOf(server)).toEqual(files)
    expect(pidsTitled(title)).toHaveLength(names.length * (processes + 1))
    await server.wsgid('stop')
    await eventually('nothing is left', () => (pidsTitled(title).length === 0 ? true : undefined))
  },
  { seconds: 90 + chaosSeconds },
)

/** Does one thing after the other. @returns what was done, with its time */
async function wreak(mischief: Mischief, random: () => number): Promise<readonly string[]> {
  const deeds: string[] = []
  atEnd((outcome) => {
    if (outcome === 'failed') process.stderr.write(`${deeds.join('\n')}\n`)
    return Promise.resolve()
  })
  for (const end = performance.now() + chaosSeconds * 1000; performance.now() < end;) {
    deeds.push(`${new Date().toISOString()} ${await mischief.next()}`)
    await pause(50 + random() * 500)
  }
  return deeds
}

/** Processes by kind and what each has open. */
const stateOf = (supervisor: number) => ({ processes: census(supervisor), open: openDescriptors(supervisor) })

/** Only what is made for a worker, or is one, has an epoll. */
const isAtRest = ({ open }: ReturnType<typeof stateOf>): boolean =>
  open.some((line) => line.startsWith('templates:') && line.includes('eventpoll'))

/** Without the files of `wsgid status`, which it closes some seconds later. */
const withoutStatus = ({ processes: counts, open }: ReturnType<typeof stateOf>): ReturnType<typeof stateOf> => ({
  processes: counts,
  open: open.map((line) => line.replaceAll(/\d+ × \/proc\/\d+\/stat, /g, '')),
})

const sameAs = (before: ReturnType<typeof stateOf>, supervisor: number): boolean =>
  JSON.stringify(stateOf(supervisor)) === JSON.stringify(before)

/** Sockets and everything else in the run-dir. */
async function filesOf(server: RunningWsgid): Promise<readonly string[]> {
  return (await readdir(server.site.path('run'), { recursive: true })).sort()
}

/** Failures without a line in a log under the request's id, other than connections that a killed router took along. */
function unexplained(failures: readonly Failure[], logs: string, routerKills: readonly number[]): readonly Failure[] {
  const logged = new Set([...logs.matchAll(/ request=(\S+) /g)].map(([, id]) => id))
  const byRouter = ({ begunAt, endedAt }: Failure) => routerKills.some((at) => at > begunAt - 1000 && at < endedAt)
  const isConnection = ({ kind }: Failure) => kind === 'ECONNRESET' || kind === 'EPIPE'
  return failures.filter(
    (failure) =>
      !(failure.requestId !== null && logged.has(failure.requestId)) && !(isConnection(failure) && byRouter(failure)),
  )
}

/** Ids of requests that must run at most once. */
function runTwice(ledger: string): readonly string[] {
  const seen = new Set<string>()
  return ledger.split('\n').filter((id) => id.includes('POST') && seen.size === seen.add(id).size)
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Short, so that whatever hangs shows within the test. */
const patience = {
  'graceful-timeout': 5,
  'shutdown-timeout': 2,
  'startup-timeout': 8,
  'request-timeout': 10,
  'queue-timeout': 15,
}
