// Which worker gets a request, and what is taken back from one: busy, fast, withdrawn and outdated ones.
import { expect, test } from '@jest/globals'
import { anotherWorker, aRouter, send, setServiceTime, untilQueued } from '../../test/support/scripted-router.ts'
import { FromWorkerKind, OUTDATED, ToWorkerKind } from '../protocol/frames.ts'

test('requests go to the least busy worker and wait when all threads are taken', async () => {
  const [router, first, second] = await aRouter([1, 1])
  setServiceTime(router, 50_000)
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
  setServiceTime(router, 100)
  const answers = [send(router), send(router)]
  const stuck = await first.nextRequest()
  const ahead = await first.nextRequest()
  expect(router.dispatcher.hasPrefetched).toBe(true)
  router.dispatcher.recallFromStalled(performance.now() + 6)
  expect((await first.next(ToWorkerKind.recall)).id).toBe(ahead.id)
  first.send(FromWorkerKind.returned, ahead.id)
  await untilQueued(router, 1)
  const relief = await anotherWorker(router, 3, 1)
  relief.respond((await relief.nextRequest()).id, 'relieved')
  first.respond(stuck.id, 'at last')
  expect((await Promise.all(answers)).map(({ body }) => body).sort()).toEqual(['at last', 'relieved'])
  expect(second.unread).toEqual([])
})

test('what a slow worker has ahead is taken back as soon as another one has a thread free', async () => {
  const [router, first, second] = await aRouter([1, 1])
  setServiceTime(router, 8_000)
  const answers = Array.from({ length: 4 }, () => send(router))
  const [stuck, done] = [await first.nextRequest(), await second.nextRequest()]
  const [ahead, next] = [await first.nextRequest(), await second.nextRequest()]
  expect([router.dispatcher.queueLength, router.dispatcher.hasPrefetched]).toEqual([0, false])
  second.respond(done.id, 'one')
  setServiceTime(router, 8_000)
  second.respond(next.id, 'two')
  expect((await first.next(ToWorkerKind.recall)).id).toBe(ahead.id)
  first.send(FromWorkerKind.returned, ahead.id)
  second.respond((await second.nextRequest()).id, 'three')
  first.respond(stuck.id, 'at last')
  expect((await Promise.all(answers)).map(({ body }) => body).sort()).toEqual(['at last', 'one', 'three', 'two'])
})

test('what waits at a stuck worker for longer than was expected comes before what waits in the router, and the worker gets no more ahead', async () => {
  const [router, stuck, other] = await aRouter([1, 1])
  setServiceTime(router, 8_000)
  const first = Array.from({ length: 4 }, () => send(router))
  const [running, done] = [await stuck.nextRequest(), await other.nextRequest()]
  const [ahead] = [await stuck.nextRequest(), await other.nextRequest()]
  const later = [send(router), send(router)]
  await untilQueued(router, 2)
  for (const connection of router.dispatcher.connections) connection.progressedAt -= 1_000
  other.respond(done.id, 'one')
  expect((await stuck.next(ToWorkerKind.recall)).id).toBe(ahead.id)
  stuck.send(FromWorkerKind.returned, ahead.id)
  await untilQueued(router, 2)
  void Promise.all([...first, ...later])
  stuck.respond(running.id, 'at last')
  expect((await stuck.nextRequest()).payload.equals(ahead.payload)).toBe(true)
  expect(router.dispatcher.queueLength).toBe(1)
})

test('what a worker has ahead that has become fast is left to it, also when another one has a thread free', async () => {
  const [router, first, second] = await aRouter([1, 1])
  setServiceTime(router, 8_000)
  const answers = Array.from({ length: 4 }, () => send(router))
  const [one, two] = [await first.nextRequest(), await first.nextRequest()]
  setServiceTime(router, 100)
  for (let count = 0; count < 2; count += 1) second.respond((await second.nextRequest()).id, 'second')
  await Promise.race(answers)
  const next = send(router)
  second.respond((await second.nextRequest()).id, 'next')
  await next
  expect(first.unread).toEqual([])
  for (const { id } of [one, two]) first.respond(id, 'first')
  await Promise.all(answers)
})

test('a new worker gets at once what waits at the others', async () => {
  const [router, old] = await aRouter([1])
  setServiceTime(router, 8_000)
  const answers = [send(router), send(router)]
  const running = await old.nextRequest()
  const ahead = await old.nextRequest()
  const fresh = await anotherWorker(router, 2, 1)
  expect((await old.next(ToWorkerKind.recall)).id).toBe(ahead.id)
  old.send(FromWorkerKind.returned, ahead.id)
  fresh.respond((await fresh.nextRequest()).id, 'fresh')
  old.respond(running.id, 'old')
  expect((await Promise.all(answers)).map(({ body }) => body).sort()).toEqual(['fresh', 'old'])
})

test('what waits at a stuck worker while nobody else is there goes back to the queue, where queue-timeout holds', async () => {
  const [router, stuck] = await aRouter([1], { queueTimeout: 1_000 })
  setServiceTime(router, 8_000)
  const running = send(router)
  const { id } = await stuck.nextRequest()
  const waiting = send(router)
  const ahead = await stuck.nextRequest()
  router.dispatcher.expire(performance.now() + 100)
  expect((await stuck.next(ToWorkerKind.recall)).id).toBe(ahead.id)
  stuck.send(FromWorkerKind.returned, ahead.id)
  await untilQueued(router, 1)
  router.dispatcher.expire(performance.now() + 1_001)
  expect(await waiting).toMatchObject({ status: 504 })
  stuck.respond(id, 'at last')
  expect(await running).toMatchObject({ body: 'at last' })
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

test('a withdrawn worker is asked back for what it has not started, so that nothing waits for its stuck threads', async () => {
  const [router, stuck, other] = await aRouter([1, 1])
  router.dispatcher.withdrawWorker(2)
  const running = send(router)
  const { id } = await stuck.nextRequest()
  setServiceTime(router, 100)
  const waiting = send(router)
  const ahead = await stuck.nextRequest()
  const successor = await anotherWorker(router, 3, 1)
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

test('script-reloading immediate: a request that an outdated worker hands back waits for a new one, body included', async () => {
  const [router, old] = await aRouter([5])
  const answer = send(router, 'POST', 'a=1')
  const first = await old.nextRequest()
  old.send(FromWorkerKind.returned | OUTDATED, first.id)
  await untilQueued(router, 1)
  expect(router.demands).toBe(1)
  const fresh = await anotherWorker(router, 9, 5)
  const again = await fresh.nextRequest()
  expect(again.payload.equals(first.payload)).toBe(true)
  fresh.respond(again.id, 'new code')
  expect(await answer).toMatchObject({ status: 200, body: 'new code' })
  expect(old.unread).toEqual([])
})

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
