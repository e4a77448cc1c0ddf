// How many workers a group shall have: more while requests wait, fewer when nothing needs them. Pure.
import { instant, type Instant } from '../units.ts'
import type { Group, GroupLimits, Member } from './group-state.ts'
import { isStarting } from './group-state.ts'

/** So long without pressure makes one worker too many; with a longer inactivity-timeout, that long. */
const calmMs = 60_000

/** One worker more, if the group may have it and none is on its way. */
export function grow(group: Group, at: Instant): Group {
  const calm = { ...group, calmSince: at }
  const { definition, members, roll, trouble, target } = group
  const mayGrow = target > 0 && target < definition.maximumProcesses
  if (!mayGrow || roll !== null || trouble !== null || members.some(isStarting)) return calm
  return { ...calm, target: target + 1 }
}

/** An on-demand group that was asked for has its processes. */
export function wake(group: Group, at: Instant): Group {
  const { definition, target } = group
  if (definition.start === 'always' || target >= 1) return group
  return { ...group, target: Math.max(1, definition.processes), calmSince: at }
}

/** A worker was idle for inactivity-timeout: it has a successor only if the group would be too small without. */
export function shrinkByInactivity(group: Group, at: Instant): Group {
  const { definition, target, roll } = group
  const least = definition.start === 'on-demand' ? 0 : definition.minimumProcesses
  return roll === null && target > least ? { ...group, target: target - 1, calmSince: at } : group
}

/**
 * When a worker is to be given up because nothing has asked for it; null: none is. Also with inactivity-timeout: a worker that never gets a
 * request does not count as inactive and would stay for ever.
 */
export function shrinkAt({ definition, target, roll, calmSince }: Group): Instant | null {
  const spare = roll === null && target > leastWorkers(definition)
  return spare ? instant(calmSince + Math.max(calmMs, definition.inactivityTimeout)) : null
}

/** The worker that goes when one is too many: the youngest. */
export function youngest(members: readonly Member[]): Member | undefined {
  return members.filter(({ worker }) => worker.phase === 'ready').at(-1)
}

/** An on-demand group goes to sleep by inactivity-timeout only; without, it stays as it was woken. */
const leastWorkers = ({ start, minimumProcesses }: GroupLimits): number =>
  start === 'on-demand' ? Math.max(1, minimumProcesses) : minimumProcesses
