// A supervisor that does not run for a while, alone or with all its processes, as in a paused container: time that passes meanwhile is held
// against nobody.
import { existsSync, readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { census } from '../support/census.ts'
import { eventually } from '../support/eventually.ts'
import { aDeployedGroup, deploy, ledgerVersion } from '../support/group-files.ts'
import { request } from '../support/http.ts'
import { loadMixed } from '../support/mixed-load.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { familyOf, identityOf } from '../support/processes.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { test } from '../support/test.ts'

const stoppedSeconds = process.env['WSGID_LONG'] === '1' ? 10 : 5
/** The supervisor's and the workers' own limits, all shorter than the stop. */
const supervisors = { 'startup-timeout': 3, 'graceful-timeout': 2, 'shutdown-timeout': 1 }
const workersOwn = { 'request-timeout': 4, 'deadlock-timeout': 3 }

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

type Rolling = Readonly<{
  server: RunningWsgid
  restarted: Promise<unknown>
  finishLoading: () => Promise<unknown>
  /** Waits until the application works on the request of this id. */
  untilBegun: (id: string) => Promise<true>
}>

/** A server with a group that goes on, and one whose new generation has begun to load and waits for `finishLoading`. */
async function aServerThatRolls(limits: object): Promise<Rolling> {
  const site = await makeSite()
  for (const name of ['shop', 'slow']) await deploy(site, name, ledgerVersion('1'))
  const directory = await site.directoryOf('www-data', 'data')
  const [begun, ledger] = [`${directory}/begun`, `${directory}/ledger`]
  const group = (name: string, wanted: object) =>
    aDeployedGroup(name, {
      applications: [{ mount: `/${name}`, script: `../scripts/${name}.py`, environ: { 'ledger.file': ledger } }],
      ...limits,
      ...wanted,
    })
  const groups = [group('shop', { processes: 2 }), group('slow', { 'script-reloading': 'off' })]
  const server = await startWsgid({ site, groups })
  await request(server.url('/shop'))
  await deploy(site, 'slow', `${loadingUntil(site, begun)}${ledgerVersion('2')}`)
  const restarted = server.wsgid('restart', 'slow')
  await eventually('the new worker loads', () => (existsSync(begun) ? true : undefined))
  const untilBegun = (id: string) =>
    eventually(`${id} runs`, () => (readFileSync(ledger, 'utf8').split('\n').includes(id) ? true : undefined))
  return { server, restarted, finishLoading: () => site.write('finish', ''), untilBegun }
}

/** A beginning of a script that says when it begins, and ends when the file `finish` is there. */
const loadingUntil = (site: Site, begun: string): string => `
import os, time
open(${JSON.stringify(begun)}, "w").close()
while not os.path.exists(${JSON.stringify(site.path('finish'))}):
    time.sleep(0.01)
`

/** Asked without a process of its own: the new generation has little time to load. */
async function workersOf(server: RunningWsgid): Promise<readonly unknown[]> {
  const { groups } = await server.statusWhen('shop is there', (status) => status.groups.some(isShop))
  return groups.find(isShop)?.workers.map(({ pid }) => identityOf(pid)) ?? []
}

const isShop = ({ name }: Readonly<{ name: string }>): boolean => name === 'shop'

/** The roll goes on as if nothing had been, and nobody else was touched. */
async function expectAllIsWell(server: RunningWsgid, restarted: Promise<unknown>): Promise<void> {
  expect(await restarted).toMatchObject({ exitCode: 0, stderr: '' })
  expect((await request(server.url('/slow'))).text).toMatch(/ 2$/)
  await server.statusWhen('all run', (status) =>
    status.groups.every(({ state, workers, processes }) => state === 'running' && workers.length === processes),
  )
  expect((await server.group('shop')).lastExits).toEqual([])
  expect((await server.group('slow')).lastExits).toMatchObject([{ reason: 'restart', code: 0 }])
  expect(census(server.pid)).toEqual({ routers: 1, templates: 2, workers: 3, others: 0 })
}

test('a supervisor stopped for longer than every timeout kills nobody, and requests are served meanwhile', async () => {
  const { server, restarted, finishLoading } = await aServerThatRolls({ ...supervisors, ...workersOwn })
  await using _server = server
  const workers = await workersOf(server)
  await using load = loadMixed(server.url('/shop'), { kept: 4, fresh: 2, pauseMs: 10 })
  process.kill(server.pid, 'SIGSTOP')
  // Its word that it has loaded waits to be heard for longer than startup-timeout.
  await finishLoading()
  const running = request(server.url('/slow?seconds=2'))
  await pause(stoppedSeconds * 1000)
  expect((await running).status).toBe(200)
  const servedMeanwhile = load.soFar().answered
  process.kill(server.pid, 'SIGCONT')
  await expectAllIsWell(server, restarted)
  expect(servedMeanwhile).toBeGreaterThan(100)
  expectNothingLost(await load.stop())
  expect(await workersOf(server)).toEqual(workers)
})

// A worker's own limits go by the clock: to them a worker that was stopped in the middle of a request is one that hangs.
test('a server stopped as a whole for longer than the timeouts of its supervisor goes on where it was', async () => {
  const { server, restarted, finishLoading, untilBegun } = await aServerThatRolls(supervisors)
  await using _server = server
  const running = ['shop', 'slow'].map((name) => request(server.url(`/${name}?id=${name}&seconds=1`)))
  await Promise.all([untilBegun('shop'), untilBegun('slow')])
  const everyone = familyOf(server.pid).map(({ pid }) => pid)
  for (const pid of everyone) process.kill(pid, 'SIGSTOP')
  await pause(stoppedSeconds * 1000)
  // The supervisor first: it sees what time it is before anybody can say a word.
  for (const pid of everyone) process.kill(pid, 'SIGCONT')
  await pause(500)
  await finishLoading()
  await expectAllIsWell(server, restarted)
  for (const answer of running) expect((await answer).status).toBe(200)
})
