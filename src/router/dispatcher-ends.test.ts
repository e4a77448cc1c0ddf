// The end of each request is told once and counted once, whoever ends it.
import { expect, test } from '@jest/globals'
import { request } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import {
  aRouter,
  expectTakenUntilEnded,
  send,
  setServiceTime,
  stubbornClient,
  until,
  untilQueued,
} from '../../test/support/scripted-router.ts'
import { u32 } from '../../test/support/scripted-worker.ts'
import { FromWorkerKind, ToWorkerKind } from '../protocol/frames.ts'
import { endsOf, latenciesOf, queueingOf } from '../protocol/request-counts.ts'

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
  worker.send(FromWorkerKind.response, (await worker.nextRequest()).id, `${u32(90_000)}${u32(6)}200\0OKhello`)
  await good
  const client = connect({ port: (router.server.address() as AddressInfo).port, host: '127.0.0.1' })
  client.write('GET /x HTTP/1.1\r\nHost: a\r\n\r\n')
  await worker.nextRequest()
  const waits = send(router)
  await untilQueued(router, 1)
  router.dispatcher.expire(performance.now() + 1000)
  await waits
  client.resetAndDestroy()
  await until(() => router.dispatcher.active === 0)
  const { counts } = router.dispatcher.statistics
  expect(endsOf(counts).filter(({ count }) => count > 0)).toEqual([
    { status: 'none', cause: 'client-gone', count: 1 },
    { status: '2xx', cause: 'ok', count: 1 },
    { status: '5xx', cause: 'timeout', count: 1 },
  ])
  expect(latenciesOf(counts).reduce((sum, count) => sum + count, 0)).toBe(3)
  expect(queueingOf(counts).requests).toBe(3)
})

test('a client that goes away has its request aborted, and its thread counts as taken until the worker ended it', async () => {
  const [router, worker] = await aRouter([1])
  setServiceTime(router, 50_000)
  const { port } = router.server.address() as AddressInfo
  const client = request({ port, host: '127.0.0.1', agent: false }).on('error', () => undefined)
  client.end()
  const { id } = await worker.nextRequest()
  client.destroy()
  await worker.next(ToWorkerKind.abort)
  await expectTakenUntilEnded(router, worker, id)
})

test('a client that leaves before its request has begun costs its worker nothing: the next request goes there', async () => {
  const [router, worker] = await aRouter([1])
  const leaving = stubbornClient(router)
  const { id } = await worker.nextRequest()
  leaving.destroy()
  await worker.next(ToWorkerKind.abort)
  worker.send(FromWorkerKind.returned, id)
  await until(() => [...router.dispatcher.connections].every(({ outstanding }) => outstanding.get(id) === undefined))
  const next = send(router)
  worker.respond((await worker.nextRequest()).id, 'next')
  expect(await next).toMatchObject({ status: 200, body: 'next' })
})

test('a client that leaves before it has what its application has long finished is told of as gone', async () => {
  const [router, worker] = await aRouter([1], { responseBufferSize: 1 << 26 })
  const client = stubbornClient(router)
  const { id } = await worker.nextRequest()
  worker.begin(id)
  // More than the kernel takes for a client that reads nothing.
  const part = 'x'.repeat(262_144)
  for (let sent = 0; sent < 12_582_912; sent += part.length) {
    worker.send(FromWorkerKind.data, id, part)
    if (sent % 1_048_576 === 0 && sent > 0) await worker.next(ToWorkerKind.credit)
  }
  worker.send(FromWorkerKind.end, id, u32(10))
  await until(() => router.dispatcher.active === 0)
  expect(router.ends).toEqual([])
  client.destroy()
  await until(() => router.ends.length > 0)
  expect(router.ends).toEqual([expect.objectContaining({ status: 200, cause: 'client-gone' })])
})
