import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { instant, milliseconds } from '../units.ts'
import { noBackoff } from './backoff.ts'
import type { Group, GroupEffect, GroupEvent, GroupLimits } from './group-state.ts'
import { newGroup, serves } from './group-state.ts'
import { deadlineOfGroup, reduceGroup } from './group.ts'
import { outcomeOf } from './group-roll.ts'
import { lastErrorOf, publicGroupState } from './public-state.ts'

type Happening = GroupEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'at' | 'random'> : never) : never

/** What most tests do not look at: the log, and the life of template processes. */
const quiet = new Set<GroupEffect['type']>(['transition', 'new-generation', 'end-template', 'roll-ended'])
const killed = { code: null, signal: 'SIGKILL' }
const failed = { code: 1, signal: null }
const demand = { type: 'demand', scripts: 'v1' } as const

/** A group and everything that it ever wanted done. */
class Life {
  state: Group
  at = 0
  random = 0
  readonly limits: GroupLimits
  readonly effects: GroupEffect[] = []

  constructor(processes: number, more: Partial<GroupLimits> = {}) {
    this.limits = {
      ...{ processes, minimumProcesses: processes, maximumProcesses: processes, start: 'always' },
      ...{ restartInterval: milliseconds(0), inactivityTimeout: milliseconds(0), scriptReloading: 'rolling' },
      startupTimeout: milliseconds(30_000),
      gracefulTimeout: milliseconds(15_000),
      evictionTimeout: milliseconds(15_000),
      shutdownTimeout: milliseconds(5000),
      ...more,
    }
    this.state = newGroup(this.limits, 'v1')
  }

  /** @returns what this event made the group want */
  happen(event: Happening, after = 1): readonly GroupEffect[] {
    this.at += after
    const [state, effects] = reduceGroup(this.state, { ...event, at: instant(this.at), random: this.random })
    this.state = state
    this.effects.push(...effects)
    return effects.filter(({ type }) => !quiet.has(type))
  }

  /** Lets time pass until the group wants something by itself. */
  untilDeadline(): readonly GroupEffect[] {
    const deadline = deadlineOfGroup(this.state)
    if (deadline === null) throw new Error('the group waits for nothing')
    return this.happen({ type: 'deadline' }, deadline - this.at)
  }

  crash(number: number): readonly GroupEffect[] {
    return this.happen({ type: 'worker-exited', number, end: killed, detail: 'killed by SIGKILL' })
  }

  failLoad(number: number): readonly GroupEffect[] {
    const said = this.happen({ type: 'worker-load-failed', number, kind: 'load-error', detail: 'Traceback' })
    return [...said, ...this.happen({ type: 'worker-exited', number, end: failed, detail: 'exit code 1' })]
  }

  get phases(): string[] {
    return this.state.members.map(({ number, worker }) => `${number} ${worker.phase}`)
  }
}

function running(processes: number): Life {
  const life = new Life(processes)
  life.happen({ type: 'begin' })
  for (let number = 1; number <= processes; number += 1) life.happen({ type: 'worker-loaded', number })
  return life
}

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
      for (let turn = 0; turn < 5 && deadlineOfGroup(life.state) !== null; turn += 1) life.untilDeadline()
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

/** Rolls a running group; `limits` for a changed definition. */
function rolling(life: Life, limits: Partial<GroupLimits> = {}): readonly GroupEffect[] {
  return life.happen({ type: 'roll', reason: 'restart', limits: { ...life.limits, ...limits }, scripts: 'v1' })
}

/** Lets every drained worker end, and every starting one load, until nothing changes. */
function settle(life: Life): void {
  for (let turn = 0; turn < 30; turn += 1) {
    for (const { number, worker } of life.state.members) {
      if (worker.phase === 'starting') life.happen({ type: 'worker-loaded', number })
      else if (worker.phase === 'withdrawing') life.happen({ type: 'worker-idle', number })
      else if (worker.phase !== 'ready' && worker.phase !== 'retiring') life.crash(number)
    }
  }
}

const generations = (life: Life): number[] => life.state.members.map(({ generation }) => generation.number)
const ends = (life: Life) => life.effects.filter(({ type }) => type === 'roll-ended')

test('a restart brings up one new worker, then takes one old one away, until all are new', () => {
  const life = running(2)
  expect(rolling(life)).toEqual([{ type: 'start', number: 3, slot: 2, generation: 2 }])
  expect(publicGroupState(life.state)).toBe('rolling')
  expect(life.happen({ type: 'worker-loaded', number: 3 })).toEqual([
    { type: 'announce', number: 3 },
    { type: 'withdraw', number: 1 },
  ])
  life.happen({ type: 'worker-idle', number: 1 })
  expect(life.crash(1)).toEqual([
    { type: 'release', number: 1, reason: 'restart' },
    { type: 'start', number: 4, slot: 0, generation: 2 },
  ])
  settle(life)
  expect(generations(life)).toEqual([2, 2])
  expect(life.state.serving.number).toBe(2)
  expect(publicGroupState(life.state)).toBe('running')
  expect(ends(life).at(-1)).toEqual({ type: 'roll-ended', generation: 2, error: null })
  expect(life.effects).toContainEqual({ type: 'end-template', generation: 1 })
})

test('a new generation that does not load ends the roll, and the old one serves on, degraded, until the next good one', () => {
  const life = running(2)
  rolling(life)
  life.failLoad(3)
  expect(life.phases).toEqual(['1 ready', '2 ready'])
  expect([publicGroupState(life.state), lastErrorOf(life.state), life.state.serving.number]).toEqual([
    ...['degraded', 'Traceback', 1],
  ])
  expect(ends(life).at(-1)).toEqual({ type: 'roll-ended', generation: 2, error: 'Traceback' })
  expect(life.crash(1)).toContainEqual({ type: 'start', number: 4, slot: 0, generation: 1 })
  settle(life)
  rolling(life)
  settle(life)
  expect([publicGroupState(life.state), lastErrorOf(life.state), life.state.serving.number]).toEqual([
    'running',
    null,
    3,
  ])
})

test('a new generation that hangs is ended by startup-timeout, and the roll with it', () => {
  const life = running(1)
  rolling(life)
  expect(life.untilDeadline()).toEqual([{ type: 'kill', number: 2 }])
  expect(publicGroupState(life.state)).toBe('degraded')
  expect(lastErrorOf(life.state)).toMatch(/startup-timeout/)
})

test('a roll that fails half-way leaves nobody missing: what has come up serves until the old generation is complete again', () => {
  const life = running(2)
  rolling(life)
  life.happen({ type: 'worker-loaded', number: 3 })
  life.happen({ type: 'worker-idle', number: 1 })
  life.crash(1)
  life.failLoad(4)
  expect(life.phases).toEqual(['2 ready', '3 ready', '5 starting'])
  settle(life)
  expect(generations(life)).toEqual([1, 1])
})

test('an old worker that dies while the new generation hangs is replaced by an old one', () => {
  const life = running(1)
  rolling(life)
  expect(life.crash(1)).toContainEqual({ type: 'start', number: 3, slot: 0, generation: 1 })
  life.happen({ type: 'worker-loaded', number: 3 })
  life.failLoad(2)
  expect(life.phases).toEqual(['3 ready'])
})

test('a repaired deploy need not wait for a hanging one', () => {
  const life = running(1)
  rolling(life)
  expect(rolling(life)).toContainEqual({ type: 'terminate', number: 2 })
  expect(life.crash(2)).toContainEqual({ type: 'start', number: 3, slot: 1, generation: 3 })
  settle(life)
  expect([life.state.serving.number, generations(life)]).toEqual([3, [3]])
  expect(ends(life).slice(1)).toEqual([{ type: 'roll-ended', generation: 3, error: null }])
})

test('a changed script rolls the group once for each change, and not again for one that does not load', () => {
  const life = running(1)
  expect(life.happen({ type: 'script-changed', scripts: 'v2' })).toMatchObject([{ type: 'start', generation: 2 }])
  expect(life.happen({ type: 'script-changed', scripts: 'v2' })).toEqual([])
  life.failLoad(2)
  expect(life.happen({ type: 'script-changed', scripts: 'v2' }, 60_000)).toEqual([])
  expect(life.happen({ type: 'script-changed', scripts: 'v3' })).toMatchObject([{ type: 'start', generation: 3 }])
})

test('script-reloading: off leaves a changed script alone', () => {
  const life = new Life(1, { scriptReloading: 'off' })
  life.happen({ type: 'begin' })
  settle(life)
  expect(life.happen({ type: 'script-changed', scripts: 'v2' })).toEqual([])
})

test('script-reloading: immediate fails waiting requests when the new code does not load, and tries again when it has changed', () => {
  const life = new Life(1, { scriptReloading: 'immediate' })
  life.happen({ type: 'begin' })
  settle(life)
  const changed = { type: 'demand', scripts: 'v2' } as const
  expect(life.happen(changed)).toMatchObject([{ type: 'start', number: 2, generation: 2 }])
  expect(life.happen({ type: 'script-changed', scripts: 'v2' })).toEqual([])
  expect(life.failLoad(2)).toContainEqual({ type: 'unavailable', why: 'load-error', detail: 'Traceback' })
  expect(publicGroupState(life.state)).toBe('failing')
  expect(life.happen(changed)).toMatchObject([{ type: 'unavailable', why: 'load-error' }])
  expect(life.happen({ type: 'demand', scripts: 'v3' })).toMatchObject([{ type: 'start', number: 3, generation: 3 }])
  life.failLoad(3)
  expect(life.happen({ type: 'demand', scripts: 'v3' }, 1000)).toMatchObject([{ type: 'start', number: 4 }])
  settle(life)
  expect(publicGroupState(life.state)).toBe('running')
})

test('a group whose script did not load tries again as soon as somebody asks after the file has changed', () => {
  const life = new Life(1)
  life.happen({ type: 'begin' })
  life.failLoad(1)
  expect(life.happen(demand)).toMatchObject([{ type: 'unavailable', why: 'load-error' }])
  expect(life.happen({ type: 'demand', scripts: 'v2' })).toMatchObject([{ type: 'start', number: 2 }])
})

test('a group that nobody serves is rolled at once, and its failure is the failure of the roll', () => {
  const life = new Life(1)
  life.happen({ type: 'begin' })
  life.failLoad(1)
  expect(rolling(life)).toMatchObject([{ type: 'start', number: 2, generation: 2 }])
  life.failLoad(2)
  expect(ends(life).at(-1)).toEqual({ type: 'roll-ended', generation: 2, error: 'Traceback' })
  expect([publicGroupState(life.state), life.state.serving.number]).toEqual(['failing', 2])
})

test('a definition with fewer processes ends with as many', () => {
  const life = running(4)
  rolling(life, { processes: 2, minimumProcesses: 2, maximumProcesses: 2 })
  settle(life)
  expect(generations(life)).toEqual([2, 2])
})

test('a script of the wrong owner is refused before it runs', () => {
  const life = new Life(1)
  life.happen({ type: 'begin' })
  expect(life.happen({ type: 'worker-load-failed', number: 1, kind: 'forbidden', detail: 'not yours' })).toContainEqual(
    { type: 'unavailable', why: 'forbidden', detail: 'not yours' },
  )
})

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

test('when the server stops, a group’s patience with its requests is its own graceful-timeout', () => {
  const life = running(1)
  life.happen({ type: 'close', until: instant(life.at + 2000) })
  expect(life.untilDeadline()).toEqual([{ type: 'withdraw', number: 1 }])
  expect(life.untilDeadline()).toEqual([{ type: 'terminate', number: 1 }])
})

/** What a deploy can do to a group whose workers do not die by themselves. */
const aDeploy = fc.oneof(
  fc.record({ type: fc.constantFrom('load' as const, 'fail' as const, 'end' as const), choice: fc.nat(9) }),
  fc.record({ type: fc.constant('roll' as const), processes: fc.integer({ min: 1, max: 4 }) }),
  fc.constant({ type: 'wait' as const }),
)

function deploy(life: Life, event: typeof aDeploy extends fc.Arbitrary<infer Event> ? Event : never): void {
  const among = (phases: readonly string[], choice: number) => {
    const members = life.state.members.filter(({ worker }) => phases.includes(worker.phase))
    return members[choice % Math.max(1, members.length)]?.number ?? 0
  }
  switch (event.type) {
    case 'load':
      return void life.happen({ type: 'worker-loaded', number: among(['starting'], event.choice) })
    case 'fail':
      return void life.failLoad(among(['starting'], event.choice))
    case 'end':
      return void life.crash(among(['withdrawing', 'draining', 'stopping', 'failed', 'killed'], event.choice))
    case 'roll': {
      const { processes } = event
      return void rolling(life, { processes, minimumProcesses: processes, maximumProcesses: processes })
    }
    case 'wait':
      if (deadlineOfGroup(life.state) !== null) life.untilDeadline()
  }
}

test('whatever is deployed, capacity never falls by a roll, and one worker more than wanted lives at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(aDeploy, { maxLength: 80 }), (processes, deploys) => {
      const life = running(processes)
      for (const event of deploys) {
        const before = life.state
        deploy(life, event)
        const { members, target, roll } = life.state
        const [had, has] = [before, life.state].map((state) => state.members.filter(serves).length)
        const wanted = Math.min(target, before.target, before.roll?.formerTarget ?? target)
        expect(has).toBeGreaterThanOrEqual(Math.min(had ?? 0, wanted))
        const most = Math.max(target, before.target, roll?.formerTarget ?? 0, before.members.length - 1)
        expect(members.length).toBeLessThanOrEqual(most + 1)
        expect(new Set(members.map(({ slot }) => slot)).size).toBe(members.length)
      }
      settle(life)
      for (let turn = 0; turn < 5 && life.state.members.length < life.state.target; turn += 1) {
        life.untilDeadline()
        settle(life)
      }
      expect(generations(life)).toEqual(Array.from({ length: life.state.target }, () => life.state.serving.number))
      expect(life.state.roll).toBeNull()
    }),
  )
})
