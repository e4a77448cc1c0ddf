import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Life, demand, failed, killed, running, type Happening } from '../../test/support/group-life.ts'
import { instant } from '../units.ts'
import { noBackoff } from './backoff.ts'
import { outcomeOf } from './group-roll.ts'
import type { GroupEffect } from './group-state.ts'
import { deadlineOfGroup } from './group.ts'
import { publicGroupState } from './public-state.ts'

test('a group starts exactly its number of processes, each in a slot of its own', () => {
  const life = new Life(3)
  expect(life.happen({ type: 'begin' })).toEqual([
    { type: 'start', number: 1, slot: 0, generation: 1 },
    { type: 'start', number: 2, slot: 1, generation: 1 },
    { type: 'start', number: 3, slot: 2, generation: 1 },
  ])
  expect(publicGroupState(life.state)).toBe('starting')
})

test('a worker that dies is replaced at once, in its slot', () => {
  const life = running(2)
  expect(life.crash(1)).toEqual([
    { type: 'withdraw', number: 1 },
    { type: 'release', number: 1, reason: 'signal' },
    { type: 'start', number: 3, slot: 0, generation: 1 },
  ])
})

test('all workers may die together and are replaced at once; then crashes back off', () => {
  const life = running(2)
  expect([...life.crash(1), ...life.crash(2)].filter(({ type }) => type === 'start')).toHaveLength(2)
  life.happen({ type: 'worker-loaded', number: 3 })
  expect(life.crash(3).filter(({ type }) => type === 'start')).toEqual([])
  expect((deadlineOfGroup(life.state) ?? 0) - life.at).toBe(1000)
  expect(life.untilDeadline()).toMatchObject([{ type: 'start', number: 5 }])
})

test('a script that does not load tells the routers why, once all attempts have failed, and is probed by one worker', () => {
  const life = new Life(2)
  life.happen({ type: 'begin' })
  expect(life.failLoad(1).filter(({ type }) => type === 'unavailable')).toEqual([])
  expect(life.failLoad(2)).toContainEqual({ type: 'unavailable', why: 'load-error', detail: 'Traceback' })
  expect(publicGroupState(life.state)).toBe('failing')
  expect(outcomeOf(life.state)).toBe('failed')
  expect(life.untilDeadline()).toEqual([{ type: 'start', number: 3, slot: 0, generation: 1 }])
  expect(life.happen({ type: 'worker-loaded', number: 3 })).toMatchObject([{ type: 'announce' }, { type: 'start' }])
  expect(publicGroupState(life.state)).toBe('running')
})

test('a demand right after a failed start is refused, a later one starts an attempt whose outcome it gets', () => {
  const life = new Life(1)
  life.happen({ type: 'begin' })
  life.failLoad(1)
  life.failLoad(life.untilDeadline().length > 0 ? 2 : 0)
  expect(life.happen(demand, 500)).toMatchObject([{ type: 'unavailable', why: 'load-error' }])
  expect(life.happen(demand, 600)).toMatchObject([{ type: 'start', number: 3 }])
  expect(life.happen(demand)).toEqual([])
  expect(life.failLoad(3)).toContainEqual({ type: 'unavailable', why: 'load-error', detail: 'Traceback' })
})

test('a demand while crashes back off waits a second at most', () => {
  const life = running(1)
  for (let number = 1; number < 6; number += 1) {
    if (life.crash(number).every(({ type }) => type !== 'start')) life.untilDeadline()
    life.happen({ type: 'worker-loaded', number: number + 1 })
  }
  life.crash(6)
  expect(life.happen(demand)).toEqual([])
  expect((deadlineOfGroup(life.state) ?? 0) - life.at).toBe(999)
})

test('a worker that retires serves until its successor is ready, and drains when no router has a request there', () => {
  const life = running(1)
  expect(life.happen({ type: 'worker-retire', number: 1, reason: 'signal' })).toMatchObject([
    { type: 'start', number: 2, slot: 1 },
  ])
  expect(life.phases).toEqual(['1 retiring', '2 starting'])
  expect(life.happen({ type: 'worker-loaded', number: 2 })).toEqual([
    { type: 'announce', number: 2 },
    { type: 'withdraw', number: 1 },
  ])
  expect(life.happen({ type: 'worker-idle', number: 1 })).toEqual([{ type: 'drain', number: 1, reason: 'signal' }])
  expect(life.crash(1)).toEqual([{ type: 'release', number: 1, reason: 'signal' }])
  expect(life.state.backoff.setbacks).toBe(0)
})

test('a retiring worker whose successor does not load goes on serving, and the group is degraded', () => {
  const life = running(1)
  life.happen({ type: 'worker-retire', number: 1, reason: 'signal' })
  expect(life.failLoad(2).filter(({ type }) => type === 'unavailable')).toEqual([])
  expect(life.phases).toEqual(['1 retiring'])
  expect(publicGroupState(life.state)).toBe('degraded')
})

const anEvent = fc.oneof(
  fc.constantFrom<Happening>(demand, { type: 'deadline' }, { type: 'pressure' }),
  fc.record({
    type: fc.constantFrom('worker-loaded' as const, 'worker-idle' as const),
    number: fc.integer({ min: 1, max: 12 }),
  }),
  fc.record({
    type: fc.constant('worker-retire' as const),
    number: fc.integer({ min: 1, max: 12 }),
    reason: fc.constant('signal' as const),
  }),
  fc.record({
    type: fc.constant('worker-load-failed' as const),
    number: fc.integer({ min: 1, max: 12 }),
    kind: fc.constantFrom('load-error' as const, 'forbidden' as const),
    detail: fc.constant('Traceback'),
  }),
  fc.record({ type: fc.constant('worker-lost' as const), number: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ type: fc.constant('script-changed' as const), scripts: fc.constantFrom('v1', 'v2', 'v3') }),
  fc.record({
    type: fc.constant('worker-exited' as const),
    number: fc.integer({ min: 1, max: 12 }),
    end: fc.constantFrom(failed, killed),
    detail: fc.constant('exit code 1'),
  }),
)
/** Mostly about a worker that lives: the number chooses among them; now and then about one that is gone or never was. */
function aim(life: Life, event: Happening): Happening {
  if (!('number' in event) || event.number > 9) return event
  const { members } = life.state
  return { ...event, number: members[event.number % members.length]?.number ?? event.number }
}

function liveThrough(
  processes: number,
  history: readonly (readonly [Happening, number])[],
  check?: (life: Life) => void,
) {
  const life = new Life(processes)
  life.happen({ type: 'begin' })
  for (const [event, after] of history) {
    life.happen(aim(life, event), after)
    check?.(life)
  }
  return life
}

const aHistory = fc.array(fc.tuple(anEvent, fc.integer({ min: 0, max: 5000 })), { maxLength: 80 })

test('whatever happens, at most processes + 1 workers live, each in a slot of its own', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), aHistory, (processes, history) => {
      liveThrough(processes, history, ({ state }) => {
        const slots = state.members.map(({ slot }) => slot)
        expect(slots.length).toBeLessThanOrEqual(processes + 1)
        expect(new Set(slots).size).toBe(slots.length)
        expect(Math.max(0, ...slots)).toBeLessThanOrEqual(processes)
      })
    }),
  )
})

test('whatever happened, a stop ends every worker that was started, releases each once and withdraws what was announced', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), aHistory, fc.boolean(), (processes, history, now) => {
      const life = liveThrough(processes, history)
      life.happen(now ? { type: 'terminate' } : { type: 'stop', until: instant(life.at + 15_000) })
      // Of five workers each may have a time of its own until it is asked to end, and another until it is killed.
      for (let turn = 0; turn < 20 && deadlineOfGroup(life.state) !== null; turn += 1) life.untilDeadline()
      expect(life.state.members.every(({ worker }) => worker.phase === 'killed')).toBe(true)
      for (const { number } of life.state.members) life.crash(number)
      expect(life.state.phase).toBe('gone')
      const numbersOf = (wanted: GroupEffect['type']) =>
        life.effects.flatMap((effect) => (effect.type === wanted && 'number' in effect ? effect.number : [])).sort()
      expect(numbersOf('release')).toEqual(numbersOf('start'))
      expect(numbersOf('withdraw')).toEqual(numbersOf('announce'))
      expect(life.effects.filter(({ type }) => type === 'ended')).toHaveLength(1)
    }),
  )
})

test('whatever happened, a group whose workers all load and none fails comes back to its number of processes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), aHistory, (processes, history) => {
      const life = liveThrough(processes, history)
      for (let turn = 0; turn < 100; turn += 1) {
        for (const { number, worker } of life.state.members) {
          if (worker.phase === 'starting') life.happen({ type: 'worker-loaded', number })
          else if (worker.phase !== 'ready' && worker.phase !== 'retiring') life.crash(number)
        }
        if (deadlineOfGroup(life.state) !== null) life.untilDeadline()
      }
      expect(life.phases.map((phase) => phase.split(' ')[1])).toEqual(Array.from({ length: processes }, () => 'ready'))
      expect(outcomeOf({ ...life.state, backoff: noBackoff })).toBe('ready')
    }),
  )
})
