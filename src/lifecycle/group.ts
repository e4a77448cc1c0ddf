// Keeps one process group at its number of workers: starts, replaces, relieves, rolls, stops. Pure; carried out in supervisor/.
import { instant, type Instant } from '../units.ts'
import { advanceMember, advanceMembers, type Advance } from './group-members.ts'
import { beginRoll, outcomeOf, type RollOrder } from './group-roll.ts'
import { grow, shrinkAt, shrinkByInactivity, youngest } from './group-scaling.ts'
import { answerDemand, fillUp, missing } from './group-staffing.ts'
import type { Group, GroupEffect, GroupEvent, GroupStep, Member } from './group-state.ts'
import { deadlineOfWorker, type WorkerEvent } from './worker.ts'

/**
 * Decides what a group does about an event.
 *
 * Whatever the order of events: one worker more than wanted lives at most, a slot has one worker at a time, a roll takes no old worker away before
 * a new one has come up, and after `stop` or `terminate` the group is `gone` as soon as every worker has exited.
 */
export function reduceGroup(group: Group, event: GroupEvent): GroupStep {
  const advance: Advance = { at: event.at, random: event.random }
  switch (group.phase) {
    case 'running':
      return withRollEnd(group, reduceRunning(group, event, advance))
    case 'stopping':
      switch (event.type) {
        case 'demand':
          return refuse(group)
        case 'deadline':
          return advanceDue(group, advance)
        case 'stop':
          return advanceMembers(group, () => [event], advance)
        case 'terminate':
          return advanceMembers(group, () => [{ ...event, reason: 'stop' }], advance)
        case 'worker-loaded':
        case 'worker-idle':
        case 'worker-lost':
        case 'worker-load-failed':
        case 'worker-retire':
        case 'worker-exited':
          return ending(advanceMember(group, event, advance))
        case 'begin':
        case 'pressure':
        case 'roll':
        case 'script-changed':
        case 'close':
          return [group, []]
      }
    case 'gone':
      return event.type === 'demand' ? refuse(group) : [group, []]
  }
}

function reduceRunning(group: Group, event: GroupEvent, advance: Advance): GroupStep {
  const { at } = advance
  switch (event.type) {
    case 'begin':
      return fillUp([{ ...group, calmSince: at }, [newGeneration(group)]], advance)
    case 'demand':
      return withNewGeneration(group, answerDemand(group, event.scripts, advance))
    case 'pressure':
      return fillUp([grow(group, at), []], advance)
    case 'roll':
      return roll(group, event, advance)
    case 'script-changed':
      return scriptChanged(group, event.scripts, advance)
    case 'deadline':
      return passTime(group, advance)
    case 'close':
      return [{ ...group, closeAt: event.until }, []]
    case 'stop': {
      const until = group.closeAt === null ? event.until : instant(Math.min(event.until, group.closeAt))
      return stop(group, () => [{ type: 'stop', at, until }], advance)
    }
    case 'terminate':
      return stop(group, () => [{ type: 'terminate', at, reason: 'stop' }], advance)
    case 'worker-retire':
      return fillUp(advanceMember(shrunkBy(group, event), event, advance), advance)
    case 'worker-loaded':
    case 'worker-idle':
    case 'worker-lost':
    case 'worker-load-failed':
    case 'worker-exited':
      return fillUp(advanceMember(group, event, advance), advance)
  }
}

/** When the group next needs a `deadline` event; null: not before something else happens. */
export function deadlineOfGroup(group: Group): Instant | null {
  const deadlines = group.members.flatMap(({ worker, generation, retireAt }) => [
    deadlineOfWorker(worker, generation.limits),
    retireAt,
  ])
  if (group.phase === 'running') {
    deadlines.push(missing(group).length > 0 ? group.backoff.retryAt : null, shrinkAt(group), group.closeAt)
  }
  return deadlines.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null)
}

function roll(group: Group, order: RollOrder, advance: Advance): GroupStep {
  const rolling = beginRoll(group, order)
  return fillUp([rolling, [newGeneration(rolling)]], advance)
}

/** One roll for each change: a generation that fails is not tried again until the files change again. */
function scriptChanged(group: Group, scripts: string, advance: Advance): GroupStep {
  const { definition: limits } = group
  if (limits.scriptReloading === 'off' || scripts === group.scripts) return [group, []]
  const outdated = limits.scriptReloading === 'immediate'
  return roll({ ...group, outdated }, { reason: 'reload', limits, scripts }, advance)
}

const newGeneration = ({ lastGeneration }: Group): GroupEffect => ({
  type: 'new-generation',
  generation: lastGeneration,
})

/** A demand may have begun a roll; its generation must be known before its first worker is started. */
function withNewGeneration(before: Group, [after, effects]: GroupStep): GroupStep {
  return [after, after.lastGeneration === before.lastGeneration ? effects : [newGeneration(after), ...effects]]
}

function passTime(group: Group, advance: Advance): GroupStep {
  const { at } = advance
  if (group.closeAt !== null && group.closeAt <= at) {
    return stop(group, () => [{ type: 'stop', at, until: at }], advance)
  }
  const [due, effects] = advanceDue(group, advance)
  const spareAt = shrinkAt(due)
  if (spareAt === null || spareAt > at) return fillUp([due, effects], advance)
  const spare = youngest(due.members)
  const [shrunk, more] = advanceMembers(
    { ...due, target: due.target - 1, calmSince: at },
    ({ number }) => (number === spare?.number ? [{ type: 'retire', at, reason: 'inactivity-timeout' }] : []),
    advance,
  )
  return fillUp([shrunk, [...effects, ...more]], advance)
}

function advanceDue(group: Group, advance: Advance): GroupStep {
  const { at } = advance
  const due = ({ worker, generation, retireAt }: Member): WorkerEvent[] => {
    if (retireAt !== null && retireAt <= at) return [{ type: 'retire', at, reason: 'restart-interval' }]
    const deadline = deadlineOfWorker(worker, generation.limits)
    return deadline !== null && deadline <= at ? [{ type: 'deadline', at }] : []
  }
  return advanceMembers(group, due, advance)
}

function shrunkBy(group: Group, { number, reason, at }: Extract<GroupEvent, { type: 'worker-retire' }>): Group {
  const isReady = group.members.some((member) => member.number === number && member.worker.phase === 'ready')
  return isReady && reason === 'inactivity-timeout' ? shrinkByInactivity(group, at) : group
}

function stop(group: Group, events: () => readonly WorkerEvent[], advance: Advance): GroupStep {
  return ending(advanceMembers({ ...group, phase: 'stopping', roll: null }, events, advance))
}

const refuse = (group: Group): GroupStep => [
  group,
  [{ type: 'unavailable', why: 'stopping', detail: 'the server stops' }],
]

function ending([group, effects]: GroupStep): GroupStep {
  if (group.members.length > 0) return [group, effects]
  return [{ ...group, phase: 'gone' }, [...effects, { type: 'ended' }]]
}

/** Says how a roll has ended, if this step has ended it. That of a group which sleeps begins and ends in one step. */
function withRollEnd(before: Group, [after, effects]: GroupStep): GroupStep {
  const { lastGeneration: generation } = after
  if (after.roll !== null || (before.roll === null && generation === before.lastGeneration)) return [after, effects]
  return [after, [...effects, { type: 'roll-ended', generation, error: errorOfRoll(after, generation) }]]
}

function errorOfRoll(group: Group, generation: number): string | null {
  if (group.phase !== 'running') return 'the group stops'
  if (group.serving.number !== generation) return group.degraded?.detail ?? 'unknown cause'
  return outcomeOf(group) === 'failed' ? (group.trouble?.detail ?? 'its workers end again and again') : null
}
