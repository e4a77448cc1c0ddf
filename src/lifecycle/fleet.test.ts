import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { instant } from '../units.ts'
import { deadlineOfFleet, newFleet, reduceFleet, type Fleet, type FleetEffect, type FleetEvent } from './fleet.ts'

type Happening = FleetEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'at' | 'random'> : never) : never

class Life {
  state: Fleet = newFleet
  at = 0
  readonly effects: FleetEffect[] = []
  readonly #routers: number

  constructor(routers: number) {
    this.#routers = routers
    this.happen({ type: 'begin' })
  }

  happen(event: Happening, after = 1): readonly FleetEffect[] {
    this.at += after
    const now = { at: instant(this.at), random: 0 }
    const [state, effects] = reduceFleet(this.state, { ...event, ...now }, { routers: this.#routers })
    this.state = state
    this.effects.push(...effects)
    return effects.filter(({ type }) => type !== 'transition')
  }

  ready(number: number): void {
    this.happen({ type: 'hello', number })
    this.happen({ type: 'listening', number })
  }

  untilDeadline(): readonly FleetEffect[] {
    const deadline = deadlineOfFleet(this.state, { routers: this.#routers })
    return this.happen({ type: 'deadline' }, (deadline ?? this.at) - this.at)
  }
}

const worker = { group: 'shop', worker: 1 }

test('a router that dies is replaced at once, and the new one learns which workers serve', () => {
  const life = new Life(1)
  life.ready(1)
  life.happen({ type: 'announce', ...worker })
  expect(life.happen({ type: 'exited', number: 1 })).toEqual([
    { type: 'release', number: 1 },
    { type: 'start', number: 2 },
  ])
  expect(life.happen({ type: 'hello', number: 2 })).toEqual([{ type: 'introduce', number: 2, serving: [worker] }])
})

test('a withdrawn worker is idle when every router that knew it has said so or is gone', () => {
  const life = new Life(2)
  life.ready(1)
  life.ready(2)
  life.happen({ type: 'announce', ...worker })
  expect(life.happen({ type: 'withdraw', ...worker })).toEqual([
    { type: 'withdraw', number: 1, name: worker },
    { type: 'withdraw', number: 2, name: worker },
  ])
  expect(life.happen({ type: 'worker-idle', number: 1, ...worker })).toEqual([])
  expect(life.happen({ type: 'exited', number: 2 })).toContainEqual({ type: 'idle', name: worker })
})

test('a worker that no router knows is idle at once', () => {
  expect(new Life(1).happen({ type: 'withdraw', ...worker })).toEqual([{ type: 'idle', name: worker }])
})

test('a router that does not come up is killed, and its successors back off', () => {
  const life = new Life(1)
  expect(life.untilDeadline()).toEqual([{ type: 'kill', number: 1 }])
  expect(life.happen({ type: 'exited', number: 1 })).toContainEqual({ type: 'start', number: 2 })
  expect(life.happen({ type: 'exited', number: 2 })).toEqual([{ type: 'release', number: 2 }])
  expect(life.untilDeadline()).toEqual([{ type: 'start', number: 3 }])
})

test('a drain ends every router, by SIGKILL when its time is over', () => {
  const life = new Life(1)
  life.ready(1)
  expect(life.happen({ type: 'drain', until: instant(1000) })).toEqual([{ type: 'drain', number: 1 }])
  expect(life.untilDeadline()).toEqual([{ type: 'kill', number: 1 }])
  expect(life.happen({ type: 'exited', number: 1 })).toEqual([{ type: 'release', number: 1 }, { type: 'ended' }])
})

const anEvent: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    type: fc.constantFrom('hello' as const, 'listening' as const, 'faulty' as const, 'exited' as const),
    number: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    type: fc.constantFrom('announce' as const, 'withdraw' as const),
    group: fc.constant('shop'),
    worker: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    type: fc.constant('worker-idle' as const),
    number: fc.integer({ min: 1, max: 9 }),
    group: fc.constant('shop'),
    worker: fc.integer({ min: 1, max: 3 }),
  }),
  fc.constant({ type: 'deadline' as const }),
)

test('whatever happens, each withdrawal is answered by one idle once its routers are gone, and every router is released once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(anEvent, { maxLength: 60 }), (routers, events) => {
      const life = new Life(routers)
      for (const event of events) {
        life.happen(event)
        expect(life.state.members.length).toBeLessThanOrEqual(routers)
      }
      life.happen({ type: 'terminate' })
      for (const { number } of life.state.members) life.happen({ type: 'exited', number })
      const count = (wanted: FleetEffect['type']) => life.effects.filter(({ type }) => type === wanted).length
      const withdrawals = events.filter(({ type }) => type === 'withdraw').length
      expect(count('idle')).toBe(withdrawals)
      expect(count('release')).toBe(count('start'))
      expect(count('ended')).toBe(1)
    }),
  )
})
