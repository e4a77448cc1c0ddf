// Requests that wait in the dispatcher: for how long, how many, and what becomes of them.
import { expect, test } from '@jest/globals'
import { connect, type AddressInfo } from 'node:net'
import { aRouter, send, setServiceTime, untilQueued } from '../../test/support/scripted-router.ts'

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
  setServiceTime(busy, 50_000)
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
  // One connection may ask for 16 before the first is answered.
  const clients = Array.from({ length: 625 }, () => connect(port, '127.0.0.1').on('error', () => undefined))
  for (const client of clients) client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(16))
  await untilQueued(router, 10_000)
  const answer = await send(router)
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  expect(router.logged.join()).toContain('answered 503: 10000 requests wait already')
  for (const client of clients) client.destroy()
})

test('requests that wait for a thread are reported as pressure, for scaling', async () => {
  const [router, worker] = await aRouter([1])
  setServiceTime(router, 50_000)
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
