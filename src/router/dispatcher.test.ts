// The router's front and dispatcher in this process, real HTTP in front, scripted workers behind real Unix sockets.
import { afterEach, expect, test } from '@jest/globals'
import { request, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { ScriptedWorker, u32 } from '../../test/support/scripted-worker.ts'
import { ANNOUNCE, FromWorkerKind, OUTDATED, ToWorkerKind } from '../protocol/frames.ts'
import { endsOf, latenciesOf, queueingOf } from '../protocol/request-counts.ts'
import type { DebugSelection, RouterGroup } from '../protocol/supervision.ts'
import { Dispatcher } from './dispatcher.ts'
import { FIRST_LIMITS } from './client-limits.ts'
import { ConnectionCounts } from './connection-counts.ts'
import type { Destination } from './destination.ts'
import { createFront } from './front.ts'
import type { RequestEnd, RequestEnds } from './request-end.ts'
import { RouteTable } from './routes.ts'

type Fixture = {
  dispatcher: Dispatcher
  server: Server
  logged: string[]
  lost: string[]
  demands: number
  watched: number
  idle: number[]
  pressures: number[]
  ends: RequestEnd[]
}
const open: { fixture: Fixture; workers: ScriptedWorker[] }[] = []

afterEach(async () => {
  for (const { fixture, workers } of open.splice(0)) {
    fixture.server.closeAllConnections()
    fixture.server.close()
    fixture.dispatcher.close()
    for (const worker of workers) await worker[Symbol.asyncDispose]()
  }
})

type Workers<Threads extends readonly number[]> = { -readonly [Index in keyof Threads]: ScriptedWorker }

/** A router of one group with as many scripted workers as `threads` names, each ready. */
async function aRouter<const Threads extends readonly number[]>(
  threads: Threads,
  settings: Partial<RouterGroup> = {},
): Promise<[Fixture, ...Workers<Threads>]> {
  const group: RouterGroup = {
    name: 'g',
    processGroup: 'g',
    threads: threads[0] ?? 1,
    multiprocess: false,
    listenBacklog: 100,
    connectTimeout: 15_000,
    queueTimeout: 45_000,
    socketTimeout: 60_000,
    responseSocketTimeout: 60_000,
    limitRequestBody: 0,
    accessLog: null,
    responseBufferSize: 1_048_576,
    gracefulTimeout: 15_000,
    applications: [],
    ...settings,
  }
  const seen = {
    logged: [] as string[],
    lost: [] as string[],
    demands: 0,
    watched: 0,
    idle: [] as number[],
    pressures: [] as number[],
    ends: [] as RequestEnd[],
  }
  const ends: RequestEnds = { tell: (end) => fixture.ends.push(end) }
  const dispatcher = new Dispatcher(group, {
    router: 1,
    budget: { held: 0, limit: 1 << 28 },
    ends,
    watches: { add: () => (fixture.watched += 1), prefetched: () => undefined },
    events: {
      demand: () => (fixture.demands += 1),
      pressure: (_group, queued) => fixture.pressures.push(queued),
      workerIdle: (_group, worker) => fixture.idle.push(worker),
      workerLost: (_group, _worker, reason) => fixture.lost.push(reason),
      log: (_level, _group, exchange, text) => fixture.logged.push(`${exchange.requestId} ${text}`),
    },
  })
  const target = { place: { dispatcher, application: 0, gate: null, variables: null }, choice: null, redirect: null }
  const routes = new RouteTable<Destination>([{ hosts: [], mount: '', match: null, target }])
  let ids = 0
  const context = {
    routes,
    requestIds: () => `r${(ids += 1)}`,
    ends,
    proxies: null,
    limits: FIRST_LIMITS,
    counts: new ConnectionCounts(),
    log: () => undefined,
  }
  const { server } = createFront(context, { certificates: [], hsts: null, redirect: null, proxyProtocol: 'off' })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fixture: Fixture = { dispatcher, server, ...seen }
  const workers = threads.map((count, index) => new ScriptedWorker(index + 1, count))
  open.push({ fixture, workers })
  for (const worker of workers) {
    await worker.listen()
    dispatcher.addWorker(worker.address)
  }
  while ([...dispatcher.connections].some((connection) => connection.threads === 0)) await new Promise(setImmediate)
  return [fixture, ...(workers as unknown as Workers<Threads>)]
}

type Answer = { status: number; body: string; headers: IncomingMessage['headers']; complete: boolean }

function send(fixture: Fixture, method = 'GET', body?: string | Buffer): Promise<Answer> {
  const { port } = fixture.server.address() as AddressInfo
  return new Promise((resolve) => {
    const client = request({ port, host: '127.0.0.1', method, path: '/x', agent: false }, (response) => {
      let text = ''
      const done = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          body: text,
          headers: response.headers,
          complete: response.complete,
        })
      response.setEncoding('latin1').on('data', (data: string) => (text += data))
      response.on('end', done).on('error', done)
    })
    // Cut before the head was out: nothing was answered.
    client.on('error', () => resolve({ status: 0, body: '', headers: {}, complete: false })).end(body)
  })
}

test('a request whose worker died before it started goes to another worker, whatever its method', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router, 'POST', 'a=1')
  const lost = await first.nextRequest()
  expect(lost.flags).toBe(ANNOUNCE)
  first.die()
  const again = await second.nextRequest()
  expect(again.payload.equals(lost.payload)).toBe(true)
  second.respond(again.id, 'done')
  expect(await answer).toMatchObject({ status: 200, body: 'done' })
})

test('a POST that had started when its worker died is answered 502, never sent twice, and the log says why', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router, 'POST', 'a=1')
  const { id } = await first.nextRequest()
  first.send(FromWorkerKind.started, id)
  first.die()
  expect(await answer).toMatchObject({ status: 502 })
  expect(second.unread).toEqual([])
  expect(router.logged.join()).toMatch(/answered 502: worker 1 \(pid 1001\) was lost while it had this request/)
})

test('a GET whose worker died in the middle of it is answered by another one', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router)
  await first.nextRequest()
  first.die()
  second.respond((await second.nextRequest()).id, 'from the second')
  expect(await answer).toMatchObject({ status: 200, body: 'from the second' })
})

test('a GET of which the client has received something is cut, not repeated', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router)
  const { id } = await first.nextRequest()
  first.send(FromWorkerKind.responseHead, id, `${u32(6)}200\0OKpart`)
  first.die()
  expect(await answer).toMatchObject({ status: 200, complete: false })
  expect(second.unread).toEqual([])
})

test('a request that kills every worker it meets is given up after three', async () => {
  const [router, ...workers] = await aRouter([1, 1, 1, 1])
  const answer = send(router)
  for (const worker of workers.slice(0, 3)) {
    await worker.nextRequest()
    worker.die()
  }
  expect(await answer).toMatchObject({ status: 502 })
  expect(workers[3].unread).toEqual([])
})

test('requests go to the least busy worker and wait when all threads are taken', async () => {
  const [router, first, second] = await aRouter([1, 1])
  for (const connection of router.dispatcher.connections) connection.serviceTime = 50_000
  const answers = [send(router), send(router), send(router)]
  const [one, two] = await Promise.all([first.nextRequest(), second.nextRequest()])
  await untilQueued(router, 1)
  second.respond(two.id, 'two')
  const three = await second.nextRequest()
  second.respond(three.id, 'three')
  first.respond(one.id, 'one')
  expect((await Promise.all(answers)).map(({ body }) => body).sort()).toEqual(['one', 'three', 'two'])
})

test('a fast worker is given requests ahead; when it stalls they are taken back and served by another', async () => {
  const [router, first, second] = await aRouter([1, 1])
  router.dispatcher.withdrawWorker(2)
  for (const connection of router.dispatcher.connections) connection.serviceTime = 100
  const answers = [send(router), send(router)]
  const stuck = await first.nextRequest()
  const ahead = await first.nextRequest()
  expect(router.dispatcher.hasPrefetched).toBe(true)
  router.dispatcher.recallFromStalled(performance.now() + 6)
  expect((await first.next(ToWorkerKind.recall)).id).toBe(ahead.id)
  first.send(FromWorkerKind.returned, ahead.id)
  await untilQueued(router, 1)
  const relief = new ScriptedWorker(3, 1)
  open.at(-1)?.workers.push(relief)
  await relief.listen()
  router.dispatcher.addWorker(relief.address)
  relief.respond((await relief.nextRequest()).id, 'relieved')
  first.respond(stuck.id, 'at last')
  expect((await Promise.all(answers)).map(({ body }) => body).sort()).toEqual(['at last', 'relieved'])
  expect(second.unread).toEqual([])
})

test('a withdrawn worker finishes what it has, gets nothing more and is then reported idle', async () => {
  const [router, first, second] = await aRouter([2, 2])
  const running = send(router)
  const { id } = await first.nextRequest()
  router.dispatcher.withdrawWorker(1)
  expect(router.idle).toEqual([])
  const later = [send(router), send(router)]
  for (let count = 0; count < 2; count += 1) second.respond((await second.nextRequest()).id, 'second')
  expect((await Promise.all(later)).map(({ body }) => body)).toEqual(['second', 'second'])
  first.respond(id, 'first')
  expect(await running).toMatchObject({ body: 'first' })
  expect(router.idle).toEqual([1])
})

test('without a worker requests wait, one demand is made, and a load error answers them 500 with the id of the log line', async () => {
  const [router] = await aRouter([])
  const answers = [send(router), send(router)] as const
  await untilQueued(router, 2)
  expect(router.demands).toBe(1)
  router.dispatcher.unavailable('load-error', 'the application does not load')
  const [answer] = await Promise.all(answers)
  expect(answer).toMatchObject({ status: 500 })
  const id = /Request id: <code>(\w+)</.exec(answer.body)?.[1] ?? ''
  expect(
    router.logged.filter((line) => line.startsWith(`${id} answered 500: the application does not load`)),
  ).toHaveLength(1)
  expect(answer.body).not.toContain('does not load')
})

test('a request that waits longer than queue-timeout is answered 504 when threads are busy, 503 when there is no worker', async () => {
  const [busy, worker] = await aRouter([1], { queueTimeout: 1_000 })
  for (const connection of busy.dispatcher.connections) connection.serviceTime = 50_000
  const running = send(busy)
  const { id } = await worker.nextRequest()
  const waiting = send(busy)
  await untilQueued(busy, 1)
  busy.dispatcher.expire(performance.now() + 900)
  expect(busy.dispatcher.queueLength).toBe(1)
  busy.dispatcher.expire(performance.now() + 1_001)
  expect(await waiting).toMatchObject({ status: 504 })
  worker.respond(id, 'in time')
  expect(await running).toMatchObject({ body: 'in time' })

  const [empty] = await aRouter([], { queueTimeout: 1_000 })
  const alone = send(empty)
  await untilQueued(empty, 1)
  empty.dispatcher.expire(performance.now() + 1_001)
  expect(await alone).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
})

test.each<[string, (worker: ScriptedWorker, id: number) => void]>([
  ['a kind that does not exist', (worker, id) => worker.send(31, id)],
  ['a response shorter than its own lengths', (worker, id) => worker.send(FromWorkerKind.response, id, 'abc')],
  [
    'a head longer than the frame',
    (worker, id) => worker.send(FromWorkerKind.response, id, `${u32(1)}${u32(99)}200\0OK`),
  ],
  ['body without a head', (worker, id) => worker.send(FromWorkerKind.data, id, 'x')],
])('a worker that sends %s loses its connection, and other groups notice nothing', async (_name, misbehave) => {
  const [router, worker] = await aRouter([1], { responseBufferSize: 1 })
  const answer = send(router, 'POST')
  const { id } = await worker.nextRequest()
  worker.send(FromWorkerKind.started, id)
  misbehave(worker, id)
  const { status, complete } = await answer
  expect(status === 502 || !complete).toBe(true)
  expect(router.lost).toEqual([expect.stringContaining('protocol violation')])
})

test.each([
  ['a header name that is none', '200\0OK\0Bad Name\0x'],
  ['a line break in a value', '200\0OK\0X\0a\r\nSet-Cookie: b'],
  ['a status of the server', '101\0Switching'],
  ['two lengths', '200\0OK\0Content-Length\x001\0content-length\x002'],
  ...['Connection', 'Keep-Alive', 'Transfer-Encoding', 'Upgrade', 'TE', 'Trailer', 'Proxy-Authenticate'].map(
    (name): [string, string] => [`the header ${name}, which is the server's`, `200\0OK\0${name}\0x`],
  ),
])('a response head with %s is answered 502 and splits no response', async (_name, head) => {
  const [router, worker] = await aRouter([1])
  const answer = send(router)
  worker.respond((await worker.nextRequest()).id, '', head)
  expect(await answer).toMatchObject({ status: 502 })
})

test('a response shorter than its Content-Length is an error, a longer one is cut', async () => {
  const [router, worker] = await aRouter([1])
  const short = send(router)
  worker.respond((await worker.nextRequest()).id, 'abc', '200\0OK\0Content-Length\x005')
  expect(await short).toMatchObject({ status: 502 })
  const long = send(router)
  worker.respond((await worker.nextRequest()).id, 'abcdefgh', '200\0OK\0Content-Length\x005')
  expect(await long).toMatchObject({ status: 200, body: 'abcde' })
})

test('a large upload stops at the credit and goes on as the worker reads', async () => {
  const [router, worker] = await aRouter([1])
  const body = Buffer.alloc(600_000, 'u')
  const answer = send(router, 'PUT', body)
  const { id } = await worker.next(ToWorkerKind.requestStream)
  let received = 0
  const receive = async (until: number): Promise<void> => {
    while (received < until) received += (await worker.next(ToWorkerKind.data)).payload.length
  }
  await receive(262_144)
  await new Promise(setImmediate)
  expect(received).toBe(262_144)
  expect(worker.unread).toEqual([])
  worker.send(FromWorkerKind.credit, id, u32(400_000))
  await receive(600_000)
  await worker.next(ToWorkerKind.end)
  worker.respond(id, 'thanks')
  expect(await answer).toMatchObject({ status: 200, body: 'thanks' })
})

test('bodies of all sizes that are at hand reach workers whole, beside each other and after the death of one', async () => {
  const [router, first, second] = await aRouter([9, 9])
  const bodies = [1, 16_384, 16_385, 65_536].map((length, index) => String(index).repeat(length))
  const answers = bodies.map((body) => send(router, 'PUT', body))
  const received: string[] = []
  const receive = async (worker: ScriptedWorker): Promise<void> => {
    const { id, payload } = await worker.nextRequest()
    received.push(payload.toString('latin1', 4 + payload.readUInt32LE(0)))
    worker.respond(id, 'thanks')
  }
  // The least busy worker is asked.
  for (let count = 0; count < 2; count += 1) await first.nextRequest()
  first.die()
  for (let count = 0; count < 4; count += 1) await receive(second)
  expect(received.sort()).toEqual(bodies)
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
})

test('an upload whose worker died before it began is sent again from its first byte', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router, 'POST', Buffer.alloc(100_000, 'v'))
  await first.next(ToWorkerKind.requestStream)
  await first.next(ToWorkerKind.data)
  first.die()
  const { id } = await second.next(ToWorkerKind.requestStream)
  let received = 0
  while (received < 100_000) received += (await second.next(ToWorkerKind.data)).payload.length
  await second.next(ToWorkerKind.end)
  second.respond(id, String(received))
  expect(await answer).toMatchObject({ status: 200, body: '100000' })
})

test('a client that goes away has its request aborted, and its thread counts as taken until the worker ended it', async () => {
  const [router, worker] = await aRouter([1])
  for (const connection of router.dispatcher.connections) connection.serviceTime = 50_000
  const { port } = router.server.address() as AddressInfo
  const client = request({ port, host: '127.0.0.1', agent: false }).on('error', () => undefined)
  client.end()
  const { id } = await worker.nextRequest()
  client.destroy()
  await worker.next(ToWorkerKind.abort)
  const next = send(router)
  await untilQueued(router, 1)
  worker.send(FromWorkerKind.end, id, u32(5))
  worker.respond((await worker.nextRequest()).id, 'next')
  expect(await next).toMatchObject({ body: 'next' })
})

test('each request that was answered or broken off is told of once, with times, worker and cause', async () => {
  const [router, worker] = await aRouter([1])
  const good = send(router, 'POST', 'a=1')
  const { id } = await worker.nextRequest()
  worker.send(FromWorkerKind.response, id, `${u32(1500)}${u32(6)}200\0OKhello`)
  await good
  const failed = send(router)
  worker.send(FromWorkerKind.failed, (await worker.nextRequest()).id, `${u32(2000)}\x01\0boom`)
  const { body } = await failed
  expect(router.ends).toEqual([
    expect.objectContaining({
      ...{ requestId: 'r1', group: 'g', method: 'POST', target: '/x', protocol: 'HTTP/1.1', client: '127.0.0.1' },
      ...{ status: 200, bytes: 5, applicationMs: 1.5, workerPid: 1001, user: null, cause: 'ok' },
    }),
    expect.objectContaining({ requestId: 'r2', status: 500, bytes: body.length, applicationMs: 2, cause: 'failed' }),
  ])
  for (const { arrivedAt, endedAt, queueMs } of router.ends) {
    expect(queueMs).toBeGreaterThanOrEqual(0)
    expect(endedAt - arrivedAt).toBeGreaterThanOrEqual(queueMs ?? Infinity)
  }
})

test('each request that has ended is counted once: answered, failed, never sent to a worker, left by its client', async () => {
  const [router, worker] = await aRouter([1], { queueTimeout: 1 })
  const good = send(router, 'POST', 'a=1')
  // So slow that it gets none ahead.
  worker.send(FromWorkerKind.response, (await worker.nextRequest()).id, `${u32(9_000)}${u32(6)}200\0OKhello`)
  await good
  const client = connect({ port: (router.server.address() as AddressInfo).port, host: '127.0.0.1' })
  client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  await worker.nextRequest()
  const waits = send(router)
  while (router.dispatcher.queueLength === 0) await new Promise(setImmediate)
  router.dispatcher.expire(performance.now() + 1000)
  await waits
  client.resetAndDestroy()
  while (router.dispatcher.active > 0) await new Promise(setImmediate)
  const { counts } = router.dispatcher.statistics
  expect(endsOf(counts).filter(({ count }) => count > 0)).toEqual([
    { status: 'none', cause: 'client-gone', count: 1 },
    { status: '2xx', cause: 'ok', count: 1 },
    { status: '5xx', cause: 'timeout', count: 1 },
  ])
  expect(latenciesOf(counts).reduce((sum, count) => sum + count, 0)).toBe(3)
  expect(queueingOf(counts).requests).toBe(3)
})

/** Asks for /x and takes nothing of the answer. */
function stubbornClient(router: Fixture) {
  const { port } = router.server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1' })
  client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  return client.on('error', () => undefined).pause()
}

test('a worker that sends more than it has credit for loses its connection', async () => {
  const [router, worker] = await aRouter([1], { responseBufferSize: 1 })
  const client = stubbornClient(router)
  const { id } = await worker.nextRequest()
  worker.send(FromWorkerKind.responseHead, id, `${u32(6)}200\0OK`)
  // The kernel takes some of it for the client.
  for (let sent = 0; sent < 16_777_216; sent += 262_144) worker.send(FromWorkerKind.data, id, 'x'.repeat(262_144))
  while (router.lost.length === 0) await new Promise(setImmediate)
  expect(router.lost).toEqual(['protocol violation: more response bytes than it had credit for'])
  client.destroy()
})

test('a client that leaves before it has what its application has long finished is told of as gone', async () => {
  const [router, worker] = await aRouter([1], { responseBufferSize: 1 << 26 })
  const client = stubbornClient(router)
  const { id } = await worker.nextRequest()
  worker.send(FromWorkerKind.responseHead, id, `${u32(6)}200\0OK`)
  // More than the kernel takes for a client that reads nothing.
  const part = 'x'.repeat(262_144)
  for (let sent = 0; sent < 12_582_912; sent += part.length) {
    worker.send(FromWorkerKind.data, id, part)
    if (sent % 1_048_576 === 0 && sent > 0) await worker.next(ToWorkerKind.credit)
  }
  worker.send(FromWorkerKind.end, id, u32(10))
  while (router.dispatcher.active > 0) await new Promise(setImmediate)
  expect(router.ends).toEqual([])
  client.destroy()
  while (router.ends.length === 0) await new Promise(setImmediate)
  expect(router.ends).toEqual([expect.objectContaining({ status: 200, cause: 'client-gone' })])
})

test('listen-backlog: what waits beyond it for connect-timeout is answered 503, the others go on waiting', async () => {
  const [router] = await aRouter([], { listenBacklog: 2, connectTimeout: 1_000 })
  const answers = [send(router), send(router), send(router)] as const
  await untilQueued(router, 3)
  router.dispatcher.expire(performance.now() + 900)
  expect(router.dispatcher.queueLength).toBe(3)
  router.dispatcher.expire(performance.now() + 1_001)
  expect(router.dispatcher.queueLength).toBe(2)
  expect(await Promise.race(answers)).toMatchObject({ status: 503 })
  expect(router.logged.join()).toContain('listen-backlog')
})

test('no more than 10,000 requests of a group wait, whatever its options say: one more is answered 503 at once', async () => {
  const [router] = await aRouter([], { listenBacklog: 100_000 })
  const { port } = router.server.address() as AddressInfo
  const client = connect(port, '127.0.0.1').on('error', () => undefined)
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(10_000))
  await untilQueued(router, 10_000)
  const answer = await send(router)
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  expect(router.logged.join()).toContain('answered 503: 10000 requests wait already')
  client.destroy()
})

test('requests that wait for a thread are reported as pressure, for scaling', async () => {
  const [router, worker] = await aRouter([1])
  for (const connection of router.dispatcher.connections) connection.serviceTime = 50_000
  const answers = [send(router), send(router)]
  const { id } = await worker.nextRequest()
  await untilQueued(router, 1)
  router.dispatcher.expire(performance.now() + 50)
  expect(router.pressures).toEqual([])
  router.dispatcher.expire(performance.now() + 101)
  expect(router.pressures).toEqual([1])
  worker.respond(id, '')
  worker.respond((await worker.nextRequest()).id, '')
  await Promise.all(answers)
})

test('socket-timeout: a worker that says nothing costs its client a 504, and its thread counts as taken', async () => {
  const [router, worker] = await aRouter([1], { socketTimeout: 1_000 })
  for (const connection of router.dispatcher.connections) connection.serviceTime = 50_000
  const answer = send(router)
  const { id } = await worker.nextRequest()
  router.dispatcher.endSilent(performance.now() + 1_400)
  router.dispatcher.endSilent(performance.now() + 1_501)
  expect(await answer).toMatchObject({ status: 504 })
  expect(router.logged.join()).toContain('socket-timeout')
  await worker.next(ToWorkerKind.abort)
  const next = send(router)
  await untilQueued(router, 1)
  worker.send(FromWorkerKind.end, id, u32(5))
  worker.respond((await worker.nextRequest()).id, 'next')
  expect(await next).toMatchObject({ body: 'next' })
})

test('request-timeout: the client has its 504 at once, and the thread is free only when the worker says so', async () => {
  const [router, worker] = await aRouter([1])
  for (const connection of router.dispatcher.connections) connection.serviceTime = 50_000
  const answer = send(router)
  const { id } = await worker.nextRequest()
  worker.send(FromWorkerKind.failed, id, `${u32(9)}\x05\0request-timeout of 1 s`)
  expect(await answer).toMatchObject({ status: 504 })
  const next = send(router)
  await untilQueued(router, 1)
  worker.send(FromWorkerKind.end, id, u32(5))
  worker.respond((await worker.nextRequest()).id, 'next')
  expect(await next).toMatchObject({ body: 'next' })
})

test('a script that its owner may not have written is answered 403', async () => {
  const [router, worker] = await aRouter([1])
  const answer = send(router)
  worker.send(FromWorkerKind.failed, (await worker.nextRequest()).id, `${u32(9)}\x06\0script-user`)
  expect(await answer).toMatchObject({ status: 403 })
})

test('script-reloading immediate: a request that an outdated worker hands back waits for a new one, body included', async () => {
  const [router, old] = await aRouter([5])
  const answer = send(router, 'POST', 'a=1')
  const first = await old.nextRequest()
  old.send(FromWorkerKind.returned | OUTDATED, first.id)
  await untilQueued(router, 1)
  expect(router.demands).toBe(1)
  const fresh = new ScriptedWorker(9, 5)
  open.at(-1)?.workers.push(fresh)
  await fresh.listen()
  router.dispatcher.addWorker(fresh.address)
  const again = await fresh.nextRequest()
  expect(again.payload.equals(first.payload)).toBe(true)
  fresh.respond(again.id, 'new code')
  expect(await answer).toMatchObject({ status: 200, body: 'new code' })
  expect(old.unread).toEqual([])
})

test('a withdrawn worker is asked back for what it has not started, so that nothing waits for its stuck threads', async () => {
  const [router, stuck, other] = await aRouter([1, 1])
  router.dispatcher.withdrawWorker(2)
  const running = send(router)
  const { id } = await stuck.nextRequest()
  for (const connection of router.dispatcher.connections) connection.serviceTime = 100
  const waiting = send(router)
  const ahead = await stuck.nextRequest()
  const successor = new ScriptedWorker(3, 1)
  open.at(-1)?.workers.push(successor)
  await successor.listen()
  router.dispatcher.addWorker(successor.address)
  router.dispatcher.withdrawWorker(1)
  await stuck.next(ToWorkerKind.recall)
  stuck.send(FromWorkerKind.returned, ahead.id)
  successor.respond((await successor.nextRequest()).id, 'served')
  expect(await waiting).toMatchObject({ body: 'served' })
  expect(router.idle).toEqual([2])
  stuck.respond(id, 'late')
  expect(await running).toMatchObject({ body: 'late' })
  expect(router.idle).toEqual([2, 1])
  expect(other.unread).toEqual([])
})

test('a process that answers for another one loses the connection', async () => {
  const [router] = await aRouter([])
  const impostor = new ScriptedWorker(4, 1)
  open.at(-1)?.workers.push(impostor)
  await impostor.listen()
  router.dispatcher.addWorker({ ...impostor.address, pid: 5 })
  while (router.lost.length === 0) await new Promise(setImmediate)
  expect(router.lost[0]).toContain('process 1004 answers for 5')
})

async function untilQueued(router: Fixture, length: number): Promise<void> {
  while (router.dispatcher.queueLength < length) await new Promise(setImmediate)
}

test('a group says that it has requests as often as nobody watches it', async () => {
  const [router, worker] = await aRouter([1])
  const ask = async (): Promise<void> => {
    const answer = send(router)
    worker.respond((await worker.nextRequest()).id, 'done')
    await answer
  }
  expect(router.watched).toBe(0)
  await ask()
  expect([router.watched, router.dispatcher.active]).toEqual([1, 0])
  router.dispatcher.isWatched = true
  await ask()
  expect(router.watched).toBe(1)
  router.dispatcher.isWatched = false
  await ask()
  expect(router.watched).toBe(2)
})

/** A router whose one worker answers "usual" to everything, and a debugger beside it, which has a request now. */
async function aDebugged(selection: DebugSelection) {
  const [router, worker] = await aRouter([5])
  const debug = new ScriptedWorker(9, 1)
  open.at(-1)?.workers.push(debug)
  await debug.listen()
  router.dispatcher.addDebugWorker(debug.address, selection)
  const serve = async (): Promise<never> => {
    for (;;) worker.respond((await worker.nextRequest()).id, 'usual')
  }
  void serve()
  const taken = debug.nextRequest()
  // It takes none before its HELLO has come.
  for (;;) {
    const answer = send(router)
    const first = await Promise.race([answer, taken])
    if ('id' in first) return { router, debug, taken: first, answer }
  }
}

test('a share goes to the debugger one at a time, all others to the workers, for as long as it takes', async () => {
  const { router, debug, taken, answer } = await aDebugged({ share: 1 })
  expect((await send(router)).body).toBe('usual')
  router.dispatcher.endSilent(performance.now() + 3_600_000)
  router.dispatcher.expire(performance.now() + 3_600_000)
  debug.respond(taken.id, 'looked at')
  expect(await answer).toMatchObject({ status: 200, body: 'looked at' })
  expect(debug.unread).toEqual([])
})

test('a third of the requests is each third one', async () => {
  const { router, debug, taken, answer } = await aDebugged({ share: 1 / 3 })
  debug.respond(taken.id, 'debugged')
  await answer
  const bodies: string[] = []
  for (let n = 0; n < 6; n += 1) {
    const next = send(router)
    if (n % 3 === 2) debug.respond((await debug.nextRequest()).id, 'debugged')
    bodies.push((await next).body)
  }
  expect(bodies.map((body) => body === 'debugged')).toEqual([false, false, true, false, false, true])
})

test('a debugger that is withdrawn gives back what it has not started, and is idle when the rest has ended', async () => {
  const { router, debug, taken, answer } = await aDebugged({ header: { name: 'host', value: null } })
  const behind = send(router)
  const second = await debug.nextRequest()
  router.dispatcher.withdrawWorker(9)
  const recalled = [await debug.next(ToWorkerKind.recall), await debug.next(ToWorkerKind.recall)]
  expect(recalled.map(({ id }) => id)).toEqual([taken.id, second.id])
  debug.send(FromWorkerKind.returned, second.id)
  expect((await behind).body).toBe('usual')
  expect(router.idle).toEqual([])
  expect((await send(router)).body).toBe('usual')
  debug.respond(taken.id, 'looked at')
  expect((await answer).body).toBe('looked at')
  expect(router.idle).toEqual([9])
})

test('what a debugger had when it was lost is served by others; a header of another value is not for it', async () => {
  const { router, debug, answer } = await aDebugged({ header: { name: 'connection', value: 'close' } })
  debug.die()
  expect((await answer).body).toBe('usual')
  router.dispatcher.withdrawWorker(9)
  expect(router.idle).toEqual([9])
  const other = new ScriptedWorker(10, 1)
  open.at(-1)?.workers.push(other)
  await other.listen()
  router.dispatcher.addDebugWorker(other.address, { header: { name: 'connection', value: 'keep-alive' } })
  for (let n = 0; n < 5; n += 1) expect((await send(router)).body).toBe('usual')
  expect(other.unread).toEqual([])
})
