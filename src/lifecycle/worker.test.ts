import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { instant, milliseconds } from '../units.ts'
import { deadlineOfWorker, reduceWorker, type Worker, type WorkerEffect, type WorkerEvent } from './worker.ts'

const limits = {
  startupTimeout: milliseconds(30_000),
  gracefulTimeout: milliseconds(15_000),
  evictionTimeout: milliseconds(3000),
  shutdownTimeout: milliseconds(5000),
}
const fresh: Worker = { phase: 'starting', since: instant(0) }

const anEvent = (): fc.Arbitrary<(at: number) => WorkerEvent> =>
  fc.constantFrom<(at: number) => WorkerEvent>(
    ...(['loaded', 'load-failed', 'relieved', 'idle', 'lost', 'deadline'] as const).map((type) => (at: number) => ({
      type,
      at: instant(at),
    })),
    (at) => ({ type: 'terminate', at: instant(at), reason: 'reload' }),
    (at) => ({ type: 'retire', at: instant(at), reason: 'signal' }),
    (at) => ({ type: 'stop', at: instant(at), until: instant(at + 10) }),
    (at) => ({ type: 'exited', at: instant(at), end: { code: 1, signal: null } }),
  )

function live(events: readonly ((at: number) => WorkerEvent)[]) {
  let worker = fresh
  const effects: WorkerEffect[] = []
  events.forEach((make, index) => {
    const [next, wanted] = reduceWorker(worker, make(index), limits)
    worker = next
    effects.push(...wanted)
  })
  return { worker, effects, count: (effect: WorkerEffect) => effects.filter((each) => each === effect).length }
}

test('whatever happens, a worker is released once and last, and withdrawn as often as announced', () => {
  fc.assert(
    fc.property(fc.array(anEvent(), { maxLength: 60 }), (events) => {
      const { worker, effects, count } = live(events)
      expect(count('release')).toBe(worker.phase === 'gone' ? 1 : 0)
      expect(count('announce')).toBeLessThanOrEqual(1)
      expect(count('terminate')).toBeLessThanOrEqual(1)
      expect(count('kill')).toBeLessThanOrEqual(1)
      if (worker.phase !== 'gone') return
      expect(effects.at(-1)).toBe('release')
      expect(count('withdraw')).toBe(count('announce'))
    }),
  )
})

test('whatever happened, a stop and its deadlines end every worker by SIGKILL at the latest', () => {
  fc.assert(
    fc.property(fc.array(anEvent(), { maxLength: 30 }), (events) => {
      let { worker } = live(events)
      let at = 100
      worker = reduceWorker(worker, { type: 'stop', at: instant(at), until: instant(at + 15_000) }, limits)[0]
      for (let turn = 0; turn < 4; turn += 1) {
        const deadline = deadlineOfWorker(worker, limits)
        if (deadline === null) break
        at = Math.max(at, deadline)
        worker = reduceWorker(worker, { type: 'deadline', at: instant(at) }, limits)[0]
      }
      expect(['killed', 'gone']).toContain(worker.phase)
      expect(at).toBeLessThanOrEqual(100 + 15_000 + 5000 + 1000 + 30)
    }),
  )
})

test('a worker that does not load within startup-timeout is killed for it', () => {
  expect(deadlineOfWorker(fresh, limits)).toBe(30_000)
  const [killed, effects] = reduceWorker(fresh, { type: 'deadline', at: instant(30_000) }, limits)
  expect(effects).toEqual(['kill'])
  const [gone] = reduceWorker(
    killed,
    { type: 'exited', at: instant(30_001), end: { code: null, signal: 'SIGKILL' } },
    limits,
  )
  expect(gone).toMatchObject({ phase: 'gone', reason: 'startup-timeout' })
})

test('the first cause wins: a worker that crashes while it drains ended because of what made it drain', () => {
  const draining: Worker = { phase: 'draining', since: instant(0), reason: 'signal', until: instant(10) }
  const [gone] = reduceWorker(draining, { type: 'exited', at: instant(1), end: { code: 1, signal: null } }, limits)
  expect(gone).toMatchObject({ phase: 'gone', reason: 'signal' })
})

test('a worker that a router has lost is withdrawn at once and killed if it does not end by itself', () => {
  const ready: Worker = { phase: 'ready', since: instant(0) }
  const [lost, effects] = reduceWorker(ready, { type: 'lost', at: instant(1) }, limits)
  expect(effects).toEqual(['withdraw'])
  expect(deadlineOfWorker(lost, limits)).toBe(1001)
  expect(reduceWorker(lost, { type: 'deadline', at: instant(1001) }, limits)).toEqual([
    { phase: 'killed', since: 1001, reason: 'crash' },
    ['kill'],
  ])
})

test('the grace of a worker that had SIGUSR1 is eviction-timeout', () => {
  const retiring = (reason: 'signal' | 'reload'): Worker => ({ phase: 'retiring', since: instant(0), reason })
  const untilOf = (worker: Worker) => reduceWorker(worker, { type: 'relieved', at: instant(0) }, limits)[0]
  expect(untilOf(retiring('signal'))).toMatchObject({ until: 3000 })
  expect(untilOf(retiring('reload'))).toMatchObject({ until: 15_000 })
})

for (const [signal, asked, reason] of [
  ['SIGALRM', null, 'deadlock-timeout'],
  ['SIGALRM', 'request-timeout', 'deadlock-timeout'],
  ['SIGALRM', 'signal', 'signal'],
  ['SIGXCPU', null, 'cpu-time-limit'],
  ['SIGKILL', 'cpu-time-limit', 'cpu-time-limit'],
  ['SIGKILL', 'maximum-requests', 'signal'],
  ['SIGSEGV', null, 'crash'],
] as const) {
  test(`a worker that serves${asked === null ? '' : ` and has asked to go for ${asked}`} and ends by ${signal} has ended by ${reason}`, () => {
    const worker: Worker =
      asked === null ? { phase: 'ready', since: instant(0) } : { phase: 'retiring', since: instant(0), reason: asked }
    const [gone] = reduceWorker(worker, { type: 'exited', at: instant(1), end: { code: null, signal } }, limits)
    expect(gone).toMatchObject({ phase: 'gone', reason })
  })
}
