import { expect, test } from '@jest/globals'
import { Life, demand, running, settle } from '../../test/support/group-life.ts'
import { instant, milliseconds } from '../units.ts'
import { outcomeOf } from './group-roll.ts'
import { deadlineOfGroup } from './group.ts'
import { publicGroupState } from './public-state.ts'

test('restart-interval retires a worker, and workers that came up together go apart by up to a tenth', () => {
  const life = new Life(2, { restartInterval: milliseconds(1000) })
  life.happen({ type: 'begin' })
  life.happen({ type: 'worker-loaded', number: 1 })
  life.random = 0.999
  life.happen({ type: 'worker-loaded', number: 2 })
  const loadedAt = life.at
  expect(life.untilDeadline()).toMatchObject([{ type: 'start', number: 3 }])
  expect(life.at - loadedAt).toBeCloseTo(900, 0)
  expect(life.phases).toEqual(['1 ready', '2 retiring', '3 starting'])
})

test('start: on-demand starts nothing until it is asked for, and goes to sleep when its workers were idle', () => {
  const life = new Life(2, { start: 'on-demand', inactivityTimeout: milliseconds(1000) })
  expect(life.happen({ type: 'begin' })).toEqual([])
  expect([publicGroupState(life.state), outcomeOf(life.state)]).toEqual(['idle', 'ready'])
  expect(life.happen(demand)).toMatchObject([
    { type: 'start', number: 1 },
    { type: 'start', number: 2 },
  ])
  settle(life)
  for (const number of [1, 2]) {
    expect(life.happen({ type: 'worker-retire', number, reason: 'inactivity-timeout' })).toEqual([
      { type: 'withdraw', number },
    ])
    settle(life)
  }
  expect(publicGroupState(life.state)).toBe('idle')
  expect(life.effects).toContainEqual({ type: 'end-template', generation: 1 })
  expect(life.happen(demand)).toMatchObject([{ type: 'start' }, { type: 'start' }])
})

test('a group that sleeps has rolled as soon as it is told to: nobody waits for workers that nobody wants', () => {
  const life = new Life(2, { start: 'on-demand' })
  life.happen({ type: 'begin' })
  life.happen({ type: 'roll', reason: 'restart', limits: life.limits, scripts: 'v2' })
  expect(life.effects).toContainEqual({ type: 'roll-ended', generation: 2, error: null })
  expect(publicGroupState(life.state)).toBe('idle')
})

test('pressure adds one worker at a time up to maximum-processes, a calm minute takes one away down to the minimum', () => {
  const life = new Life(1, { maximumProcesses: 3 })
  life.happen({ type: 'begin' })
  settle(life)
  expect(life.happen({ type: 'pressure' })).toMatchObject([{ type: 'start', number: 2 }])
  expect(life.happen({ type: 'pressure' })).toEqual([])
  settle(life)
  expect(life.happen({ type: 'pressure' })).toMatchObject([{ type: 'start', number: 3 }])
  settle(life)
  expect(life.happen({ type: 'pressure' })).toEqual([])
  const calmAt = life.at
  expect(life.untilDeadline()).toEqual([{ type: 'withdraw', number: 3 }])
  expect(life.at - calmAt).toBe(60_000)
  settle(life)
  life.untilDeadline()
  settle(life)
  expect([life.phases, deadlineOfGroup(life.state)]).toEqual([['1 ready'], null])
})

test.each([
  { inactivity: 20_000, patience: 60_000 },
  { inactivity: 300_000, patience: 300_000 },
])(
  'with inactivity-timeout of $inactivity ms a grown worker that nobody uses goes after $patience ms without pressure',
  ({ inactivity, patience }) => {
    const life = new Life(1, { maximumProcesses: 2, inactivityTimeout: milliseconds(inactivity) })
    life.happen({ type: 'begin' })
    settle(life)
    life.happen({ type: 'pressure' })
    const grownAt = life.at
    settle(life)
    expect(life.untilDeadline()).toEqual([{ type: 'withdraw', number: 2 }])
    expect(life.at - grownAt).toBe(patience)
    settle(life)
    expect([life.phases, deadlineOfGroup(life.state)]).toEqual([['1 ready'], null])
  },
)

test('when the server stops, a group’s patience with its requests is its own graceful-timeout', () => {
  const life = running(1)
  life.happen({ type: 'close', until: instant(life.at + 2000) })
  expect(life.untilDeadline()).toEqual([{ type: 'withdraw', number: 1 }])
  expect(life.untilDeadline()).toEqual([{ type: 'terminate', number: 1 }])
})
