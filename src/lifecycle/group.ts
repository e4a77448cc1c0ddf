// Keeps one process group at its number of workers: starts, replaces, relieves, stops. Pure; carried out in supervisor/.
import type { Instant } from '../units.ts'
import { advanceMember, advanceMembers, type Advance } from './group-members.ts'
import { answerDemand, fillUp, missing } from './group-staffing.ts'
import type { Group, GroupEvent, GroupLimits, GroupStep, Member } from './group-state.ts'
import { deadlineOfWorker, type WorkerEvent } from './worker.ts'

/**
 * Decides what a group does about an event.
 *
 * Whatever the order of events: at most `processes` + 1 workers live, a slot has one worker at a time, and after `stop` or `terminate` the
 * group is `gone` as soon as every worker has exited.
 */
export function reduceGroup(group: Group, event: GroupEvent, limits: GroupLimits): GroupStep {
  const advance: Advance = { limits, at: event.at, random: event.random }
  switch (group.phase) {
    case 'running':
      switch (event.type) {
        case 'begin':
          return fillUp([group, []], advance)
        case 'demand':
          return answerDemand(group, advance)
        case 'deadline':
          return fillUp(advanceDue(group, advance), advance)
        case 'stop':
        case 'terminate':
          return ending(advanceMembers({ ...group, phase: 'stopping' }, () => event, advance))
        case 'worker-loaded':
        case 'worker-idle':
        case 'worker-load-failed':
        case 'worker-retire':
        case 'worker-exited':
          return fillUp(advanceMember(group, event, advance), advance)
      }
    case 'stopping':
      switch (event.type) {
        case 'demand':
          return refuse(group)
        case 'deadline':
          return advanceDue(group, advance)
        case 'stop':
        case 'terminate':
          return advanceMembers(group, () => event, advance)
        case 'worker-loaded':
        case 'worker-idle':
        case 'worker-load-failed':
        case 'worker-retire':
        case 'worker-exited':
          return ending(advanceMember(group, event, advance))
        case 'begin':
          return [group, []]
      }
    case 'gone':
      return event.type === 'demand' ? refuse(group) : [group, []]
  }
}

/** When the group next needs a `deadline` event; null: not before something else happens. */
export function deadlineOfGroup(group: Group, limits: GroupLimits): Instant | null {
  let earliest: Instant | null = group.phase === 'running' && missing(group, limits) > 0 ? group.backoff.retryAt : null
  for (const { worker } of group.members) {
    const deadline = deadlineOfWorker(worker, limits)
    if (deadline !== null && (earliest === null || deadline < earliest)) earliest = deadline
  }
  return earliest
}

function advanceDue(group: Group, advance: Advance): GroupStep {
  const { at, limits } = advance
  const due = ({ worker }: Member): WorkerEvent | null => {
    const deadline = deadlineOfWorker(worker, limits)
    return deadline !== null && deadline <= at ? { type: 'deadline', at } : null
  }
  return advanceMembers(group, due, advance)
}

const refuse = (group: Group): GroupStep => [
  group,
  [{ type: 'unavailable', why: 'stopping', detail: 'the server stops' }],
]

function ending([group, effects]: GroupStep): GroupStep {
  if (group.members.length > 0) return [group, effects]
  return [{ ...group, phase: 'gone' }, [...effects, { type: 'ended' }]]
}
