import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Life, demand, ends, generations, rolling, running, settle } from '../../test/support/group-life.ts'
import { serves } from './group-state.ts'
import { deadlineOfGroup } from './group.ts'
import { lastErrorOf, publicGroupState } from './public-state.ts'

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

test('a definition with fewer processes that does not come up leaves as many as there were', () => {
  const life = running(4)
  rolling(life, { processes: 2, minimumProcesses: 2, maximumProcesses: 2 })
  life.happen({ type: 'worker-loaded', number: 5 })
  life.happen({ type: 'worker-idle', number: 1 })
  life.crash(1)
  life.failLoad(6)
  settle(life)
  expect(generations(life)).toEqual([1, 1, 1, 1])
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

test('a start that fails while a failed roll is taken back is tried again', () => {
  const life = running(4)
  rolling(life)
  life.happen({ type: 'worker-loaded', number: 5 })
  life.happen({ type: 'worker-idle', number: 1 })
  life.crash(1)
  life.failLoad(6)
  expect(life.phases.at(-1)).toBe('7 starting')
  life.untilDeadline()
  settle(life)
  expect(generations(life)).toEqual([1, 1, 1, 2])
  life.untilDeadline()
  settle(life)
  expect(generations(life)).toEqual([1, 1, 1, 1])
})

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
      const wanted = (): number[] => Array.from({ length: life.state.target }, () => life.state.serving.number)
      const isThere = () => life.state.roll === null && generations(life).join() === wanted().join()
      // Failed starts are tried again after their back-off, those of the old generation after a failed roll too.
      for (let turn = 0; turn < 5 && !isThere(); turn += 1) {
        life.untilDeadline()
        settle(life)
      }
      expect(generations(life)).toEqual(wanted())
      expect(life.state.roll).toBeNull()
    }),
  )
})
