// Access logs as an operator has them: one line for each request, in the right file, whatever happens to the file or the client.
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, stat, symlink } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { isRecord, request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { makeGate } from '../support/gate.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { exchange, openConnection } from '../support/raw-http.ts'
import { startWsgid, writeConfiguration, type RunningWsgid } from '../support/start-wsgid.ts'
import { asRoot, atEnd, conclusively, forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(() =>
  startWsgid({
    config: { 'access-log': 'json' },
    groups: [
      aGroupAt('shared', 'torture'),
      aGroupAt('own', 'torture', { 'access-log': 'combined' }),
      aGroupAt('unlogged', 'torture', { 'access-log': 'off' }),
    ],
  }),
)

type Entry = Readonly<Record<string, unknown>>

async function linesOf(server: RunningWsgid, log: string): Promise<readonly string[]> {
  const lines = (await server.log(log)).split('\n')
  expect(lines.pop()).toBe('') // The last line has its line feed too.
  return lines
}

/** The line about a request for this target. */
async function entryOf(server: RunningWsgid, target: string): Promise<Entry> {
  return eventually(`a line about ${target}`, async () => {
    const entries = (await linesOf(server, 'access')).map((line): unknown => JSON.parse(line))
    return entries.filter(isRecord).find((entry) => entry['target'] === target)
  })
}

test('a request has one line, with the worker that served it, its times and what was sent', async () => {
  const server = await theServer()
  const { body } = await request(server.url('/shared/echo?one'), { headers: { 'User-Agent': 'test', Referer: '/r' } })
  const [worker] = (await server.group('shared')).workers
  const entry = await entryOf(server, '/shared/echo?one')
  expect(entry).toMatchObject({
    ...{ client: '127.0.0.1', user: null, method: 'GET', protocol: 'HTTP/1.1', status: 200, bytes: body.length },
    ...{ host: new URL(server.url()).host, referer: '/r', userAgent: 'test', group: 'shared', workerPid: worker?.pid },
    ...{ cause: 'ok', request: expect.stringMatching(/^[a-z0-9]+-[a-z0-9]+$/) },
  })
  const [total, queue, application] = ['totalMs', 'queueMs', 'applicationMs'].map((key) => Number(entry[key]))
  expect(total).toBeGreaterThan(Number(queue) + Number(application))
})

test('a group with an access-log of its own has its lines there, one with access-log: off nowhere', async () => {
  const server = await theServer()
  await request(server.url('/own/echo?of-own'), { headers: { 'User-Agent': 'a "quoted" \\ agent' } })
  await request(server.url('/unlogged/echo?of-unlogged'))
  await request(server.url('/shared/echo?of-shared'))
  await entryOf(server, '/shared/echo?of-shared')
  const own = await eventually('a line of own', async () => (await linesOf(server, 'own.access')).at(-1))
  expect(own).toMatch(
    /^127\.0\.0\.1 - - \[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET \/own\/echo\?of-own HTTP\/1\.1" 200 \d+ "-" "a \\"quoted\\" \\\\ agent"$/,
  )
  expect(await server.log('access')).not.toMatch(/of-own|of-unlogged/)
  expect((await readdir(server.site.path('log'))).filter((name) => name.includes('access'))).toEqual(
    expect.arrayContaining(['access.log', 'own.access.log']),
  )
})

test('what wsgid answers by itself has a line too: 404, and 400 for what is no HTTP', async () => {
  const server = await theServer()
  const { body } = await request(server.url('/nowhere'))
  const entry = await entryOf(server, '/nowhere')
  expect(entry).toMatchObject({ status: 404, bytes: body.length, group: null, workerPid: null, cause: 'refused' })
  expect(await server.log('wsgid')).toContain(`request=${String(entry['request'])} answered 404`)
  await exchange(server.url(), 'NONSENSE\r\n\r\n')
  expect(await entryOf(server, '')).toMatchObject({ status: 400, method: '', client: '127.0.0.1', cause: 'refused' })
})

test('a client cannot write a line of its own, nor steer a terminal', async () => {
  const server = await theServer()
  const agent = 'x\x9b[2J" 200 1\t\xff'
  for (const group of ['shared', 'own']) {
    const target = `/${group}/echo?%0a"injected\\`
    await exchange(
      server.url(),
      `GET ${target} HTTP/1.1\r\nHost: a\r\nUser-Agent: ${agent}\r\nConnection: close\r\n\r\n`,
    )
  }
  const entry = await entryOf(server, '/shared/echo?%0a"injected\\')
  expect(entry['userAgent']).toBe(agent)
  const own = await eventually('the line', async () =>
    (await linesOf(server, 'own.access')).find((line) => line.includes('inject')),
  )
  expect(own).toContain('"GET /own/echo?%0a\\"injected\\\\ HTTP/1.1" 200')
  expect(own).toContain('"x\\x9b[2J\\" 200 1\\t\\xff"')
  expect(await server.log('own.access')).toMatch(/^[\x20-\x7e\n]*$/)
  expect(await server.log('access')).toMatch(/^[\x20-\x7e\n]*$/)
})

test('a client that goes away while its application runs is logged as gone, without a status', async () => {
  const server = await theServer()
  const gate = await makeGate(server.site, 'gone')
  const connection = await openConnection(server.url())
  connection.send(`GET /shared${gate.path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await gate.untilBegun(1)
  connection.socket.destroy()
  expect(await entryOf(server, `/shared${gate.path}`)).toMatchObject({ status: null, bytes: 0, cause: 'client-gone' })
  await gate.open()
})

test('a response that breaks off is logged as cut, with what had been sent', async () => {
  const server = await theServer()
  await exchange(server.url(), 'GET /shared/raise-after-output HTTP/1.1\r\nHost: a\r\n\r\n')
  const entry = await entryOf(server, '/shared/raise-after-output')
  expect(entry).toMatchObject({ status: 200, cause: 'cut' })
  expect(entry['bytes']).toBeGreaterThan(0)
})

asRoot('access logs belong to root, and a link in their place is not followed', async () => {
  const server = await theServer()
  await request(server.url('/own/echo'))
  await eventually('a line', async () => (await linesOf(server, 'own.access')).at(-1))
  for (const log of ['access.log', 'own.access.log']) {
    const { uid, gid, mode } = await stat(server.site.path('log', log))
    expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 0, gid: 0, mode: 0o640 })
  }
  const path = server.site.path('log', 'own.access.log')
  await rename(path, `${path}.1`)
  atEnd(() => rename(`${path}.1`, path))
  await symlink('../victim', path)
  process.kill(server.pid, 'SIGUSR1')
  await server.logLine('wsgid', /access log: cannot reopen .*own\.access\.log: Error: ELOOP/)
  expect(existsSync(server.site.path('victim'))).toBe(false)
})

test('no line is lost or torn when logs are renamed and reopened by USR1 under load, by two routers', async () => {
  await using server = await startWsgid({
    config: { 'access-log': 'combined', routers: 2 },
    groups: [aGroupAt('a', 'torture', { processes: 2 }), aGroupAt('b', 'torture', { 'access-log': 'json' })],
  })
  const loads = ['/a/echo', '/b/echo'].map((path) => keepRequesting(server.url(path), { connections: 4 }))
  const rotated: string[] = []
  for (let round = 1; round <= 4; round += 1) {
    const before = loads.map((load) => load.soFar().ok)
    await eventually(
      'load',
      () => loads.every((load, index) => load.soFar().ok > (before[index] ?? 0) + 100) || undefined,
    )
    for (const log of ['access', 'a.access', 'b.access']) {
      const path = server.site.path('log', `${log}.log`)
      const moved = await rename(path, `${path}.${round}`).then(
        () => true,
        () => false,
      )
      if (moved) rotated.push(`${path}.${round}`)
    }
    process.kill(server.pid, 'SIGUSR1')
  }
  const outcomes = await Promise.all(loads.map((load) => load.stop()))
  expectNothingLost(...outcomes)
  expect(await server.kill('SIGTERM')).toBe(0)
  const files = [...rotated, ...['access.log', 'b.access.log'].map((name) => server.site.path('log', name))]
  const texts = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(file, 'latin1').catch(() => '') })),
  )
  const countIn = (kind: RegExp, line: RegExp): number => {
    const lines = texts.filter(({ file }) => kind.test(file)).flatMap(({ text }) => text.split('\n').slice(0, -1))
    expect(lines.filter((each) => !line.test(each))).toEqual([])
    return lines.length
  }
  const combined = /^127.0.0.1 - - \[[^\]]+\] "GET \/a\/echo HTTP\/1.1" 200 \d+ "-" "-"$/
  const json = /^\{"time":.*"target":"\/b\/echo".*"cause":"ok"\}$/
  conclusively(() => {
    const lines = [countIn(/\/access\.log/, combined), countIn(/\/b\.access\.log/, json)]
    expect(lines).toEqual(outcomes.map(({ ok }) => ok))
  })
})

test('wsgid stop --now cuts what runs and still writes its line', async () => {
  await using server = await startWsgid({
    config: { 'access-log': 'json' },
    groups: [aGroupAt('a', 'torture', { 'shutdown-timeout': '500ms' })],
  })
  const gate = await makeGate(server.site, 'cut')
  const connection = await openConnection(server.url())
  connection.send(`GET /a${gate.path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  await gate.untilBegun(1)
  await server.wsgid('stop', '--now')
  await server.exited()
  expect((await linesOf(server, 'access')).map((line): unknown => JSON.parse(line))).toEqual([
    expect.objectContaining({ target: `/a${gate.path}`, status: null, cause: 'cut' }),
  ])
})

test('reload turns access logs on and off without touching a worker', async () => {
  const group = aGroupAt('a', 'torture')
  await using server = await startWsgid({ groups: [group] })
  const pids = await server.pidsOf('a')
  await request(server.url('/a/echo?unlogged'))
  await writeConfiguration(server.site, { config: { 'access-log': 'json' }, groups: [group] })
  expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
  await request(server.url('/a/echo?logged'))
  await entryOf(server, '/a/echo?logged')
  expect((await linesOf(server, 'access')).length).toBe(1)
  expect(await server.pidsOf('a')).toEqual(pids)
})
