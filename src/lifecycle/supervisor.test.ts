import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { instant } from '../units.ts'
import {
  deadlineOfSupervisor,
  reduceSupervisor,
  type Supervisor,
  type SupervisorEffect,
  type SupervisorEvent,
} from './supervisor.ts'

const at = instant(0)
const until = instant(15_000)
const stop: SupervisorEvent = { type: 'stop', at, until, groups: 2 }
const stopNow: SupervisorEvent = { type: 'stop-now', at, groups: 2 }

function live(...events: readonly SupervisorEvent[]) {
  let state: Supervisor = { phase: 'starting', since: at }
  const effects: SupervisorEffect[][] = events.map((event) => {
    const [next, wanted] = reduceSupervisor(state, event)
    state = next
    return [...wanted]
  })
  return { state, effects }
}

test('a graceful stop lets the routers finish before the groups stop', () => {
  const { effects, state } = live(
    { type: 'settled', at },
    stop,
    { type: 'fleet-ended', at },
    { type: 'group-ended', at },
    { type: 'group-ended', at },
  )
  expect(effects).toEqual([
    [{ type: 'report-started' }],
    [
      { type: 'drain-routers', until },
      { type: 'close-groups', until },
    ],
    [{ type: 'stop-groups', until }],
    [],
    [{ type: 'finish' }],
  ])
  expect(state.phase).toBe('stopped')
})

test('the groups stop at the end of the grace, whether the routers have finished or not', () => {
  const { state, effects } = live(stop, { type: 'deadline', at: until })
  expect(deadlineOfSupervisor(live(stop).state)).toBe(until)
  expect(effects[1]).toEqual([{ type: 'stop-groups', until }])
  expect(state.phase).toBe('stopping')
})

test('stop now ends everything at once, also when a graceful stop is under way', () => {
  const everything = [{ type: 'terminate-routers' }, { type: 'terminate-groups' }]
  expect(live(stopNow).effects[0]).toEqual(everything)
  expect(live(stop, stopNow).effects[1]).toEqual(everything)
  expect(live(stop, { type: 'fleet-ended', at }, stopNow).effects[2]).toEqual(everything)
})

test('whatever the order, it finishes exactly when routers and groups are all gone after a stop', () => {
  const ends: SupervisorEvent[] = [
    { type: 'fleet-ended', at },
    { type: 'group-ended', at },
    { type: 'group-ended', at },
  ]
  const others: SupervisorEvent[] = [stop, stopNow, { type: 'settled', at }, { type: 'deadline', at }]
  const history = fc
    .tuple(fc.array(fc.constantFrom(...others)), fc.shuffledSubarray(ends, { minLength: 3 }))
    .chain(([noise, order]) => fc.shuffledSubarray([...noise, ...order], { minLength: noise.length + 3 }))
  fc.assert(
    fc.property(fc.constantFrom(stop, stopNow), history, (first, events) => {
      const { state, effects } = live(first, ...events)
      expect(effects.flat().filter(({ type }) => type === 'finish')).toHaveLength(1)
      expect(state.phase).toBe('stopped')
    }),
  )
})
