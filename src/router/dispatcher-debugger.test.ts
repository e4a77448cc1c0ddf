// A debugger beside the workers of a group: which requests it has, and what becomes of them.
import { expect, test } from '@jest/globals'
import { aRouter, send, unknownWorker } from '../../test/support/scripted-router.ts'
import { FromWorkerKind, ToWorkerKind } from '../protocol/frames.ts'
import type { DebugSelection } from '../protocol/supervision.ts'

/** A router whose one worker answers "usual" to everything, and a debugger beside it, which has a request now. */
async function aDebugged(selection: DebugSelection) {
  const [router, worker] = await aRouter([5])
  const debug = await unknownWorker(router, 9, 1)
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
  const other = await unknownWorker(router, 10, 1)
  router.dispatcher.addDebugWorker(other.address, { header: { name: 'connection', value: 'keep-alive' } })
  for (let n = 0; n < 5; n += 1) expect((await send(router)).body).toBe('usual')
  expect(other.unread).toEqual([])
})
