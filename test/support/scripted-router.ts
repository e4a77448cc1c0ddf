// The router's front and dispatcher in this process, real HTTP in front, scripted workers behind real Unix sockets.
import { request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect } from '@jest/globals'
import { FromWorkerKind } from '../../src/protocol/frames.ts'
import type { RouterGroup } from '../../src/protocol/supervision.ts'
import { FIRST_LIMITS } from '../../src/router/client-limits.ts'
import { ConnectionCounts } from '../../src/router/connection-counts.ts'
import type { Destination } from '../../src/router/destination.ts'
import { Dispatcher } from '../../src/router/dispatcher.ts'
import { createFront, type Front } from '../../src/router/front.ts'
import type { RequestEnd, RequestEnds } from '../../src/router/request-end.ts'
import { RouteTable } from '../../src/router/routes.ts'
import { ScriptedWorker, u32 } from './scripted-worker.ts'

/** The router with what it has told, by kind, in order. */
export type RouterUnderTest = {
  dispatcher: Dispatcher
  server: Server
  connections: Front['connections']
  logged: string[]
  lost: string[]
  demands: number
  watched: number
  idle: number[]
  pressures: number[]
  ends: RequestEnd[]
  /** Ended after the test, like the router. */
  workers: ScriptedWorker[]
}

const open: RouterUnderTest[] = []

afterEach(async () => {
  for (const { server, connections, dispatcher, workers } of open.splice(0)) {
    server.close()
    connections.cutAll()
    dispatcher.close()
    for (const worker of workers) await worker[Symbol.asyncDispose]()
  }
})

/** A group without applications. */
export function aRouterGroup(settings: Partial<RouterGroup> = {}): RouterGroup {
  return { ...usual, ...settings }
}

const usual: RouterGroup = {
  name: 'g',
  processGroup: 'g',
  threads: 1,
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
}

type Workers<Threads extends readonly number[]> = { -readonly [Index in keyof Threads]: ScriptedWorker }

/** A router of one group with as many scripted workers as `threads` names, each ready. */
export async function aRouter<const Threads extends readonly number[]>(
  threads: Threads,
  settings: Partial<RouterGroup> = {},
): Promise<[RouterUnderTest, ...Workers<Threads>]> {
  const group = aRouterGroup({ threads: threads[0] ?? 1, ...settings })
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
  const { server, connections } = createFront(context, {
    certificates: [],
    hsts: null,
    redirect: null,
    proxyProtocol: 'off',
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fixture: RouterUnderTest = { dispatcher, server, connections, ...seen, workers: [] }
  open.push(fixture)
  for (const [index, count] of threads.entries()) await anotherWorker(fixture, index + 1, count)
  await until(() => [...dispatcher.connections].every((connection) => connection.threads > 0))
  return [fixture, ...(fixture.workers as unknown as Workers<Threads>)]
}

type Answer = { status: number; body: string; headers: IncomingMessage['headers']; complete: boolean }

/** One request for /x on a connection of its own; status 0 when nothing was answered. */
export function send(fixture: RouterUnderTest, method = 'GET', body?: string | Buffer): Promise<Answer> {
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

/** A further worker, which the router has. */
export async function anotherWorker(router: RouterUnderTest, id: number, threads: number): Promise<ScriptedWorker> {
  const worker = await unknownWorker(router, id, threads)
  router.dispatcher.addWorker(worker.address)
  return worker
}

/** A further worker, which the router does not know yet. */
export async function unknownWorker(router: RouterUnderTest, id: number, threads: number): Promise<ScriptedWorker> {
  const worker = new ScriptedWorker(id, threads)
  router.workers.push(worker)
  await worker.listen()
  return worker
}

/** A client that asks for /x and takes nothing of the answer. */
export function stubbornClient(router: RouterUnderTest): Socket {
  const { port } = router.server.address() as AddressInfo
  const client = connect({ port, host: '127.0.0.1' })
  client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  return client.on('error', () => undefined).pause()
}

/** Waits until so many requests wait in the dispatcher. */
export function untilQueued(router: RouterUnderTest, length: number): Promise<void> {
  return until(() => router.dispatcher.queueLength >= length)
}

/** Waits, as long as it takes, for what this process does by itself. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}

/** From now on the workers count as ones that take so many microseconds for a request: slow ones get none ahead. */
export function setServiceTime(router: RouterUnderTest, microseconds: number): void {
  for (const connection of router.dispatcher.connections) connection.serviceTime = microseconds
}

/** The only thread of the only worker counts as taken by this request, which its client has an answer to or has left, until the worker ends it. */
export async function expectTakenUntilEnded(
  router: RouterUnderTest,
  worker: ScriptedWorker,
  id: number,
): Promise<void> {
  const next = send(router)
  await untilQueued(router, 1)
  worker.send(FromWorkerKind.end, id, u32(5))
  worker.respond((await worker.nextRequest()).id, 'next')
  expect(await next).toMatchObject({ body: 'next' })
}
