// Options that say when a worker is replaced, and how long anything on the way may take. One server with a group for each.
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { makeGate, type Gate } from '../support/gate.ts'
import { getJson, request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const torture = (name: string, wanted: Readonly<Record<string, unknown>>) => aGroupAt(name, 'torture', wanted)
const surroundings = (name: string, wanted: Readonly<Record<string, unknown>>) => aGroupAt(name, 'surroundings', wanted)
const long = '20s'

const theServer = forTheFile(async () => {
  const site = await makeSite()
  await site.write('apps/hanging.py', 'import time\ntime.sleep(600)\n')
  return startWsgid({
    site,
    groups: [
      torture('maximum-requests', { 'maximum-requests': 20 }),
      torture('jitter', { 'maximum-requests': 1, 'maximum-requests-jitter': 1_000_000 }),
      torture('restart-interval', { 'restart-interval': '1s' }),
      torture('inactivity-timeout', { 'inactivity-timeout': '500ms' }),
      surroundings('maximum-memory', { 'maximum-memory': '150MiB' }),
      aGroupAt('cpu-time-limit', 'stubborn', { 'cpu-time-limit': '1s' }),
      torture('graceful-timeout', { 'graceful-timeout': '1s', 'shutdown-timeout': '1s' }),
      torture('eviction-timeout', { 'eviction-timeout': '1s', 'graceful-timeout': long, 'shutdown-timeout': '1s' }),
      torture('shutdown-timeout', { 'shutdown-timeout': '1s' }),
      aGroupAt('startup-timeout', 'hanging', { 'startup-timeout': '1s' }),
    ],
    until: ({ groups }) => groups.every(({ name, state }) => state === 'running' || name === 'startup-timeout'),
  })
})

async function pidOf(group: string): Promise<number> {
  return Number((await getJson((await theServer()).url(`/${group}/report`)))['pid'])
}

/** Under load that must not fail, waits until another worker serves. @returns why the former one has ended */
async function exitUnderLoad(group: string, path: string, pid: number): Promise<string> {
  const server = await theServer()
  const load = keepRequesting(server.url(`/${group}${path}`), { connections: 2 })
  const another = async () => {
    const { text } = await request(server.url(`/${group}${path}`))
    return text.includes(`"pid": ${pid},`) || text.includes(`"pid": ${pid}}`) ? undefined : true
  }
  await eventually('another worker serves', another)
  // Stopped now: the status remembers only the last few ends.
  expectNothingLost(await load.stop())
  return (await server.exitOf(group, pid)).reason
}

test('maximum-requests: a worker is replaced after so many, and no request fails', async () => {
  const pid = await pidOf('maximum-requests')
  expect(await exitUnderLoad('maximum-requests', '/report', pid)).toBe('maximum-requests')
})

test('maximum-requests-jitter: adds a random number of requests', async () => {
  const pid = await pidOf('jitter')
  // The chance of a jitter below 30 is 1 in 30,000; without jitter the first request is the last.
  for (let call = 0; call < 30; call += 1) expect(await pidOf('jitter')).toBe(pid)
  expect((await (await theServer()).group('jitter')).lastExits).toEqual([])
})

test('restart-interval: a worker is replaced after this time, and no request fails', async () => {
  const pid = await pidOf('restart-interval')
  expect(await exitUnderLoad('restart-interval', '/report', pid)).toBe('restart-interval')
})

test('inactivity-timeout: a worker that nobody asks for is replaced, its successor ready before', async () => {
  const server = await theServer()
  const pid = await pidOf('inactivity-timeout')
  expect(await server.exitOf('inactivity-timeout', pid)).toMatchObject({ reason: 'inactivity-timeout', code: 0 })
  const { workers, state } = await server.group('inactivity-timeout')
  expect({ state, workers: workers.map((worker) => worker.state) }).toEqual({ state: 'running', workers: ['ready'] })
})

test('maximum-memory: a worker that has grown beyond it is replaced, and no request fails', async () => {
  const server = await theServer()
  const { pid } = await getJson(server.url(`/maximum-memory/keep?bytes=${200 * 1024 ** 2}`))
  expect(await exitUnderLoad('maximum-memory', '/keep?bytes=1', Number(pid))).toBe('maximum-memory')
})

test('cpu-time-limit: a worker that has used it up finishes its requests and is replaced', async () => {
  const server = await theServer()
  const { status, text } = await request(server.url('/cpu-time-limit/burn?seconds=1.2'))
  expect(status).toBe(200)
  expect(await server.exitOf('cpu-time-limit', Number(text))).toMatchObject({ reason: 'cpu-time-limit', code: 0 })
})

test('startup-timeout: a worker that does not come up in time is killed', async () => {
  const server = await theServer()
  const exit = await eventually('a start was given up', async () =>
    (await server.group('startup-timeout')).lastExits.at(-1),
  )
  expect(exit).toMatchObject({ reason: 'startup-timeout', signal: 'SIGKILL' })
  expect((await server.group('startup-timeout')).lastError).toContain('startup-timeout')
})

/** A request that runs until its worker is ended; tells how that became. */
async function stuckRequest(server: RunningWsgid, group: string) {
  const gate: Gate = await makeGate(server.site, group)
  const pid = await pidOf(group)
  const outcome = request(server.url(`/${group}${gate.path}`), { body: 'not to be repeated' }).then(
    ({ status }) => status,
    () => 'cut off',
  )
  await gate.untilBegun(1)
  return { pid, outcome, gate }
}

/** @returns seconds until a stuck request was cut off, counted from the action that ends its worker */
async function secondsUntilCut(group: string, end: (server: RunningWsgid, pid: number) => unknown) {
  const server = await theServer()
  const { pid, outcome } = await stuckRequest(server, group)
  const begun = performance.now()
  end(server, pid)
  expect(await outcome).toBe(502)
  const seconds = (performance.now() - begun) / 1000
  const { reason } = await server.exitOf(group, pid)
  return { seconds, reason }
}

test('graceful-timeout: what still runs after it is cut off when a worker drains', async () => {
  const restart = (server: RunningWsgid) => server.wsgid('restart', 'graceful-timeout')
  const { seconds, reason } = await secondsUntilCut('graceful-timeout', restart)
  expect(reason).toBe('restart')
  expect(seconds).toBeGreaterThan(1)
  // Then it was told to stop, and had shutdown-timeout for that.
  expect(seconds).toBeLessThan(10)
})

test('eviction-timeout: takes the place of graceful-timeout after USR1', async () => {
  const { seconds, reason } = await secondsUntilCut('eviction-timeout', (_, pid) => process.kill(pid, 'SIGUSR1'))
  expect(reason).toBe('signal')
  expect(seconds).toBeGreaterThan(1)
  expect(seconds).toBeLessThan(10)
})

test('shutdown-timeout: a worker that was sent TERM is killed when it has not ended by then', async () => {
  const { seconds, reason } = await secondsUntilCut('shutdown-timeout', (_, pid) => process.kill(pid, 'SIGTERM'))
  expect(reason).toBe('signal')
  expect(seconds).toBeGreaterThan(0.9)
  expect(seconds).toBeLessThan(4.5)
})
