// Restarts, reloads and replacements of workers while clients of all sorts load the server: nobody notices. WSGID_LONG=1 takes longer.
import { expect } from '@jest/globals'
import { aDeployedGroup, deploy, ledgerVersion, writeGroup } from '../support/group-files.ts'
import { census, workerPids } from '../support/census.ts'
import { eventually } from '../support/eventually.ts'
import { isRecord } from '../support/http.ts'
import { loadMixed, type MixedLoadReport } from '../support/mixed-load.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import type { GroupStatus } from '../support/status-document.ts'
import { test } from '../support/test.ts'

/** How long the load lasts, with restarts and without. */
const loadSeconds = process.env['WSGID_LONG'] === '1' ? 20 : 8
const rounds = 5
/** Two processors serve the load, the client and the commands: how much slower the slowest percent gets is noisy. */
const boundOfP99 = 10
/** Each client thinks for a moment: at full speed nothing would be left of the processors for new workers. */
const thinking = { pauseMs: 5 }

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

test(
  'five restarts, five reloads, maximum-requests 200 and a USR1 each second fail no request and spoil no body',
  async () => {
    const site = await makeSite()
    await deploy(site, 'shop', ledgerVersion('calm'))
    const group = aDeployedGroup('shop', { processes: 2 })
    await using server = await startWsgid({ site, groups: [group] })
    const calm = await loadFor(server, pause(loadSeconds * 1000), thinking)
    const changed = (round: number) => ({ ...group, 'maximum-requests': 200, env: { ROUND: String(round) } })
    await writeGroup(site, changed(0))
    expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
    const restarting = (async () => {
      for (let round = 1; round <= rounds; round += 1) {
        const next = pause((loadSeconds * 1000) / rounds)
        await deploy(site, 'shop', ledgerVersion(`round-${round}`))
        expect(await server.wsgid('restart')).toMatchObject({ exitCode: 0, stderr: '' })
        await writeGroup(site, changed(round))
        expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0, stderr: '' })
        await next
      }
    })()
    const evicting = evictEachSecond(server, loadSeconds)
    const busy = await loadFor(server, Promise.all([restarting, evicting]), thinking)
    printComparison(calm, busy)
    expectNothingLost(calm, busy)
    expect(busy.versions).toContain(`round-${rounds}`)
    // The changed definition, restarts, USR1 and every 200 requests: each has replaced workers.
    expect(busy.pids.size).toBeGreaterThan(busy.answered / 1000)
    const { lastExits } = await server.group()
    expect(lastExits.filter((exit) => !isPlanned(exit))).toEqual([])
    expect(busy.p99).toBeLessThan(boundOfP99 * Math.max(calm.p99, 5))
    await server.statusWhen('all is quiet', ({ groups }) => groups[0]?.workers.length === 2)
    await eventually('no process is left over', () => (census(server.pid).others === 0 ? true : undefined))
    expect(census(server.pid)).toEqual({ routers: 1, templates: 1, workers: 2, others: 0 })
  },
  { seconds: 60 + 3 * loadSeconds },
)

test(
  'a worker killed with -9 every half second fails no GET',
  async () => {
    const site = await makeSite()
    await deploy(site, 'shop', ledgerVersion('1'))
    await using server = await startWsgid({ site, groups: [aDeployedGroup('shop', { processes: 3 })] })
    let killed = 0
    const killing = (async () => {
      for (const end = performance.now() + loadSeconds * 500; performance.now() < end;) {
        if (signalOne(server, killed, 'SIGKILL')) killed += 1
        await pause(500)
      }
    })()
    // A little slow, so that a killed worker always has requests.
    const report = await loadFor(server, killing, { methods: ['GET'], query: '&seconds=0.005' })
    process.stderr.write(
      `figures: kill -9 of ${killed} workers: ${report.answered} GETs answered, ${describe(report)}\n`,
    )
    expect(killed).toBeGreaterThan(3)
    expectNothingLost(report)
  },
  { seconds: 60 + loadSeconds },
)

type Exit = GroupStatus['lastExits'][number]

const planned: ReadonlySet<string> = new Set(['restart', 'reload', 'signal', 'maximum-requests'])

/** One that was still loading when nobody needed it any more is ended by SIGTERM; all others have drained. */
const isPlanned = ({ reason, code, signal }: Exit): boolean =>
  planned.has(reason) && (code === 0 || (signal === 'SIGTERM' && (reason === 'restart' || reason === 'reload')))

async function loadFor(
  server: RunningWsgid,
  work: Promise<unknown>,
  options: Parameters<typeof loadMixed>[1] = {},
): Promise<MixedLoadReport> {
  await using load = loadMixed(server.url('/shop'), options)
  await work
  return await load.stop()
}

/** Asks one worker after the other to go, by the signal that operators use for it. */
async function evictEachSecond(server: RunningWsgid, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    signalOne(server, second, 'SIGUSR1')
    await pause(1000)
  }
}

/** @returns whether there was one; by /proc, since a command would cost more time than all that is measured here */
function signalOne(server: RunningWsgid, turn: number, signal: NodeJS.Signals): boolean {
  const pids = workerPids(server.pid)
  const pid = pids[turn % pids.length]
  try {
    return pid !== undefined && process.kill(pid, signal)
  } catch (error) {
    // It may have reached maximum-requests just now.
    if (isRecord(error) && error['code'] === 'ESRCH') return false
    throw error
  }
}

function printComparison(calm: MixedLoadReport, busy: MixedLoadReport): void {
  const ratio = (busy.p99 / calm.p99).toFixed(2)
  process.stderr.write(
    `figures: without restarts ${describe(calm)}\n` +
      `figures: with restarts ${describe(busy)}, answered by ${busy.pids.size} workers\n` +
      `figures: p99 with restarts ÷ without = ${ratio}\n`,
  )
}

const describe = ({ answered, failed, requestsPerSecond, p50, p99 }: MixedLoadReport): string =>
  `${answered} answered (${requestsPerSecond}/s), failed ${JSON.stringify(failed)}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`
