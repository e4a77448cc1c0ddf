// What breaks, and what a client notices of it.
import { existsSync, readFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { requestIdIn } from '../support/explained.ts'
import { makeGate } from '../support/gate.ts'
import { getJson, isRecord, keepAliveAgent, openRequest, request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { processesAround } from '../support/processes.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { openSlowReader } from '../support/streaming.ts'
import { asRoot, conclusively, test } from '../support/test.ts'

test('a worker killed with -9 is replaced within a second, and connections made meanwhile are served', async () => {
  await using server = await startWsgid({ groups: [aGroup({ processes: 1 })] })
  const before = await getJson(server.url('/report'))
  const killed = performance.now()
  process.kill(Number(before['pid']), 'SIGKILL')
  const after = await Promise.all(Array.from({ length: 20 }, () => getJson(server.url('/report'))))
  expect(performance.now() - killed).toBeLessThan(1000)
  for (const { pid } of after) expect(pid).not.toBe(before['pid'])
  const group = await server.group()
  expect(group.workers).toHaveLength(1)
  expect(group.lastExits.at(-1)).toMatchObject({ pid: before['pid'], signal: 'SIGKILL', code: null })
})

test('no GET fails while workers are killed with -9 under load', async () => {
  await using server = await startWsgid({ groups: [aGroup({ processes: 2 })] })
  // Slow enough that every worker always has some when it is killed.
  const path = '/sleep?seconds=0.02'
  const load = keepRequesting(server.url(path), { connections: 8, isRight: (body) => body === 'slept' })
  for (let round = 0; round < 3; round += 1) {
    const { workers } = await server.group()
    const answered = load.soFar().ok
    const victim = workers[0]?.pid ?? 0
    process.kill(victim, 'SIGKILL')
    await server.statusWhen('two other workers are ready', ({ groups }) => {
      const ready = (groups[0]?.workers ?? []).filter(({ state, pid }) => state === 'ready' && pid !== victim)
      return ready.length === 2
    })
    await eventually('requests go on', () => (load.soFar().ok > answered + 50 ? true : undefined))
  }
  expectNothingLost(await load.stop())
})

test('a POST whose worker died under it is 502 and not run again, a GET is tried three times at most', async () => {
  const site = await makeSite()
  const notes = `${await site.directoryOf('www-data', 'calls')}/notes`
  await using server = await startWsgid({ site, groups: [aGroup({ processes: 2, threads: 1 })] })
  const posted = await request(server.url(`/die?file=${notes}`), { body: 'order' })
  expect(posted.status).toBe(502)
  expect(posted.text).not.toMatch(/torture|worker|SIGKILL/)
  conclusively(() => expect(readFileSync(notes, 'utf8')).toBe('POST\n'))
  const got = await request(server.url(`/die?file=${notes}`))
  expect(got.status).toBe(502)
  expect(readFileSync(notes, 'utf8')).toBe('POST\nGET\nGET\nGET\n')
  expect((await request(server.url('/report'))).status).toBe(200)
})

test('a router killed with -9 is replaced, and connections made meanwhile are served', async () => {
  await using server = await startWsgid({ groups: [aGroup()] })
  const before = (await server.status()).routers[0]?.pid ?? 0
  process.kill(before, 'SIGKILL')
  const answers = await Promise.all(Array.from({ length: 20 }, () => request(server.url('/report'))))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  const { routers, groups } = await server.status()
  expect(routers).toHaveLength(1)
  expect(routers[0]?.pid).not.toBe(before)
  expect(groups[0]).toMatchObject({ restarts: 0 })
})

test('after kill -9 of the supervisor running requests finish, everything exits in time, and a new start works at once', async () => {
  const site = await makeSite()
  const groups = [aGroup({ 'graceful-timeout': 3, 'shutdown-timeout': 2, processes: 4 })]
  await using server = await startWsgid({ site, groups })
  const gate = await makeGate(site, 'running')
  const running = request(server.url(gate.path))
  await gate.untilBegun(1)
  await server.kill('SIGKILL')
  const killed = performance.now()
  await gate.open()
  await using successor = await startWsgid({ site, groups })
  expect((await request(successor.url('/report'))).status).toBe(200)
  expect((await running).status).toBe(200)
  await eventually(
    'all processes of the killed one are gone',
    () => (server.running().length === 0 ? true : undefined),
    8,
  )
  expect(performance.now() - killed).toBeLessThan(6000)
  expect((await request(successor.url('/report'))).status).toBe(200)
})

test('stop ends everything, removes sockets and pid file, and status then says that nothing runs', async () => {
  await using server = await startWsgid({ groups: [aGroup({ processes: 2 })] })
  const run = server.site.path('run')
  expect(existsSync(run)).toBe(true)
  expect(await server.wsgid('stop')).toMatchObject({ exitCode: 0 })
  await server.exited(1)
  expect(server.running()).toEqual([])
  expect(processesAround(run)).toEqual([])
  const status = await server.wsgid('status')
  expect(status).toMatchObject({ exitCode: 3, stdout: '' })
  expect(status.stderr).toMatch(/^wsgid: .*not running/)
})

test('stop lets running requests finish', async () => {
  const site = await makeSite()
  await using server = await startWsgid({ site, groups: [aGroup({ threads: 3 })] })
  const gate = await makeGate(site, 'running')
  const running = request(server.url(gate.path))
  // Holds the stop up for a second.
  const slow = request(server.url('/sleep?seconds=1.5'))
  await gate.untilBegun(1)
  await server.statusWhen('both run', (status) => status.groups[0]?.active === 2)
  const stopped = server.wsgid('stop')
  await server.logLine('wsgid', /stopping/)
  await eventually('no more connections are taken', () =>
    request(server.url()).then(
      () => undefined,
      (error: unknown) => (isRefusal(error) ? true : undefined),
    ),
  )
  await gate.open()
  expect((await running).status).toBe(200)
  expect((await slow).status).toBe(200)
  expect(await stopped).toMatchObject({ exitCode: 0 })
})

const isRefusal = (error: unknown): boolean => isRecord(error) && error['code'] === 'ECONNREFUSED'

for (const [what, end] of [
  ['kill -9 of the supervisor', (server: RunningWsgid) => server.kill('SIGKILL')],
  ['stop', (server: RunningWsgid) => server.wsgid('stop')],
] as const) {
  test(`${what} is bounded: a request that does not end is cut off after graceful-timeout + shutdown-timeout`, async () => {
    const group = aGroup({ 'graceful-timeout': 1, 'shutdown-timeout': '500ms' })
    await using server = await startWsgid({ groups: [group] })
    const stuck = request(server.url('/sleep?seconds=50')).then(
      ({ status }) => status,
      () => 'cut off',
    )
    await server.statusWhen('the request runs', (status) => status.groups[0]?.active === 1)
    const begun = performance.now()
    await end(server)
    await eventually('all its processes are gone', () => (server.running().length === 0 ? true : undefined), 8)
    expect(performance.now() - begun).toBeLessThan(4000)
    expect(['cut off', 502, 503]).toContain(await stuck)
  })
}

const WITH_A_FULL_DISK =
  'mount -t tmpfs -o size=4k none /dev/shm && head -c 4096 /dev/zero > /dev/shm/full && exec "$@"'

asRoot(
  'without room for a scoreboard the log says where and for how much, and the workers come when there is room',
  async () => {
    const within = ['unshare', '--mount', 'sh', '-c', WITH_A_FULL_DISK, 'sh']
    await using server = await startWsgid({ groups: [aGroup({ processes: 3 })], within, until: () => true })
    const complaint = await eventually('it says so', () =>
      /cannot write the scoreboard .*/.exec(readFileSync(server.site.path('log', 'wsgid.log'), 'utf8')),
    )
    expect(complaint?.[0]).toMatch(/^cannot write the scoreboard \/dev\/shm\/wsgid-\w+\/\w+: ENOSPC: it needs \d KiB$/)
    await execa('/usr/bin/nsenter', ['--mount', `--target=${server.pid}`, 'rm', '/dev/shm/full'])
    await eventually(
      'it serves',
      async () => ((await request(server.url('/report'))).status === 200 ? true : undefined),
      20,
    )
  },
)

test('a second start beside a running one is refused and changes nothing', async () => {
  await using server = await startWsgid({ groups: [aGroup()] })
  const second = await runWsgid('start', '--foreground', '-c', server.configFile)
  expect(second.exitCode).toBe(1)
  expect(second.stderr).toMatch(new RegExp(`^wsgid: .*already running.*\\b${server.pid}\\b`))
  expect((await request(server.url('/report'))).status).toBe(200)
})

for (const [script, cause] of [
  ['syntax-error.py', /SyntaxError/],
  ['import-error.py', /ModuleNotFoundError: No module named 'no_such_module_anywhere'/],
  ['no-callable.py', /application/],
] as const) {
  test(`${script} is answered by 500 with an id, its traceback is in the log, and the repaired script is served`, async () => {
    const site = await makeSite()
    const shop = aGroup({ name: 'shop', applications: [{ mount: '/shop', script: '../apps/shop.py' }] })
    const other = aGroup({ name: 'other', applications: [{ mount: '/other', script: '../apps/torture.py' }] })
    await copyFile(site.path('apps', script), site.path('apps', 'shop.py'))
    await using server = await startWsgid({
      site,
      groups: [shop, other],
      until: ({ groups }) => groups.every(({ name, state }) => state === (name === 'shop' ? 'failing' : 'running')),
    })
    const broken = await request(server.url('/shop/report'))
    expect(broken.status).toBe(500)
    expect(broken.text).not.toMatch(/Traceback|shop\.py|SyntaxError|ModuleNotFoundError|no_such_module/)
    const id = requestIdIn(broken.text)
    await server.logLine('shop', new RegExp(`\\b${id}\\b`))
    expect(await server.log('shop')).toMatch(cause)
    expect((await server.group('shop')).lastError).toMatch(cause)
    expect((await request(server.url('/other/report'))).status).toBe(200)
    await copyFile(site.path('apps', 'torture.py'), site.path('apps', 'shop.py'))
    const repaired = async () => ((await request(server.url('/shop/report'))).status === 200 ? true : undefined)
    await eventually('the repaired script is served', repaired, 20)
    await server.statusWhen('shop runs', ({ groups }) => groups.every(({ state }) => state === 'running'))
  })
}

test('100 clients that read one byte a second while they download 1 MiB do not slow another call down', async () => {
  await using server = await startWsgid({ groups: [aGroup({ processes: 1, threads: 5 })] })
  const readers = await Promise.all(
    Array.from({ length: 100 }, () => openSlowReader(server.url(`/stream?bytes=${1 << 20}`))),
  )
  await using _readers = disposeAll(readers)
  const agent = keepAliveAgent()
  await eventually('the slow ones are being served', async () =>
    (await server.group()).requests >= 100 ? true : undefined,
  )
  const latencies: number[] = []
  for (let call = 0; call < 50; call += 1) {
    const begun = performance.now()
    expect((await request(server.url('/echo'), { agent })).status).toBe(200)
    latencies.push(performance.now() - begun)
  }
  agent.destroy()
  expect(Math.max(...latencies)).toBeLessThan(250)
  await eventually('each slow reader got something', () =>
    readers.every(({ received }) => received() > 0) ? true : undefined,
  )
})

test('a client that goes away while it is waited for does not keep a thread', async () => {
  const site = await makeSite()
  const notes = `${await site.directoryOf('www-data', 'endless')}/notes`
  await using server = await startWsgid({ site, groups: [aGroup({ processes: 1, threads: 1 })] })
  for (let round = 1; round <= 3; round += 1) {
    const response = await openRequest(server.url(`/closing-endless?file=${notes}`))
    response.destroy()
    expect((await request(server.url('/report'))).status).toBe(200)
    expect(readFileSync(notes, 'utf8')).toBe('started\nclosed\n'.repeat(round))
  }
})

function disposeAll(list: readonly AsyncDisposable[]): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(list.map((one) => one[Symbol.asyncDispose]()))
    },
  }
}
