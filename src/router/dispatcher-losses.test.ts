// What becomes of a request when the worker that has it dies or falls silent, and of its thread.
import { expect, test } from '@jest/globals'
import {
  anotherWorker,
  aRouter,
  expectTakenUntilEnded,
  send,
  setServiceTime,
  until,
  untilQueued,
} from '../../test/support/scripted-router.ts'
import { u32, type ScriptedWorker } from '../../test/support/scripted-worker.ts'
import { FromWorkerKind, ONCE, ToWorkerKind } from '../protocol/frames.ts'
import { leaveChunk, takeChunk } from './chunk-pool.ts'

test('a request whose worker died before it started goes to another worker, whatever its method', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router, 'POST', 'a=1')
  const lost = await first.nextRequest()
  expect(lost.flags).toBe(ONCE)
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
  first.hasBegun(id)
  first.die()
  expect(await answer).toMatchObject({ status: 502 })
  expect(second.unread).toEqual([])
  expect(router.logged.join()).toMatch(/answered 502: worker 1 \(pid 1001\) was lost while it had this request/)
})

test('of two POSTs of one dead worker the one that had started is answered 502, the other one runs elsewhere', async () => {
  const [router, first, second] = await aRouter([2, 9])
  const [connection] = router.dispatcher.connections
  const answers = [send(router, 'POST', 'one'), send(router, 'POST', 'two'), send(router, 'POST', 'three')]
  const ids = [(await first.nextRequest()).id, (await first.nextRequest()).id].sort()
  first.hasBegun(ids[0] ?? 0)
  await second.nextRequest().then(({ id }) => second.respond(id, 'done'))
  expect(connection?.outstanding.size).toBe(2)
  first.die()
  await second.nextRequest().then(({ id }) => second.respond(id, 'done'))
  expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([200, 200, 502])
})

test('a POST is never sent twice when nobody can know whether it had started', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router, 'POST', 'a=1')
  await first.nextRequest()
  const another = 99
  first.hasBegun(0, another)
  first.die()
  expect(await answer).toMatchObject({ status: 502 })
  expect(second.unread).toEqual([])
  expect(router.logged.join()).toContain('what it had begun is not known: its place on the scoreboard is taken')
})

test('a POST is not sent twice when the router itself has ended the connection of a worker that lives', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router, 'POST', 'a=1')
  await first.nextRequest()
  first.send(99, 1)
  expect(await answer).toMatchObject({ status: 502 })
  expect(second.unread).toEqual([])
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
  first.begin(id, 'part')
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

test('a worker that returns a request unasked drains: it gets no more, and its requests wait for others however often they are returned', async () => {
  const [router, ...draining] = await aRouter([1, 1, 1])
  const answer = send(router)
  for (const worker of draining) worker.send(FromWorkerKind.returned, (await worker.nextRequest()).id)
  await untilQueued(router, 1)
  expect(router.demands).toBe(1)
  const dying = await anotherWorker(router, 4, 1)
  await dying.nextRequest()
  dying.die()
  const lasting = await anotherWorker(router, 5, 1)
  lasting.respond((await lasting.nextRequest()).id, 'served')
  expect(await answer).toMatchObject({ status: 200, body: 'served' })
  expect(draining.flatMap(({ unread }) => unread)).toEqual([])
})

test('memory that the connection of a dead worker read into is used again', async () => {
  const memory = takeChunk(65_536)
  leaveChunk(memory)
  const [router, worker] = await aRouter([1])
  expect(memory.users).toBe(1)
  worker.die()
  await until(() => router.lost.length > 0)
  expect(memory.users).toBe(0)
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

test('a request that ran is not run again when its worker is found dead by a write of something else', async () => {
  const [router, first, second] = await aRouter([1, 1])
  const answer = send(router, 'POST')
  const { id } = await first.nextRequest()
  const [connection] = router.dispatcher.connections
  first.hasBegun(id)
  first.kill()
  connection?.sendCredit(id, 1)
  connection?.flush()
  void second.nextRequest().then((again) => second.respond(again.id, 'run again'))
  expect(await answer).toMatchObject({ status: 502 })
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

test('socket-timeout: a worker that says nothing costs its client a 504, and its thread counts as taken', async () => {
  const [router, worker] = await aRouter([1], { socketTimeout: 1_000 })
  setServiceTime(router, 50_000)
  const answer = send(router)
  const { id } = await worker.nextRequest()
  router.dispatcher.endSilent(performance.now() + 1_400)
  router.dispatcher.endSilent(performance.now() + 1_501)
  expect(await answer).toMatchObject({ status: 504 })
  expect(router.logged.join()).toContain('socket-timeout')
  await worker.next(ToWorkerKind.abort)
  await expectTakenUntilEnded(router, worker, id)
})

test('request-timeout: the client has its 504 at once, and the thread is free only when the worker says so', async () => {
  const [router, worker] = await aRouter([1])
  setServiceTime(router, 50_000)
  const answer = send(router)
  const { id } = await worker.nextRequest()
  worker.send(FromWorkerKind.failed, id, `${u32(9)}\x05\0request-timeout of 1 s`)
  expect(await answer).toMatchObject({ status: 504 })
  await expectTakenUntilEnded(router, worker, id)
})
