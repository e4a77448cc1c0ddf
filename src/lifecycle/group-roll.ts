// From one generation to the next: how a roll begins, when it has succeeded, and what is left when it has failed. Pure.
import { noBackoff } from './backoff.ts'
import {
  isStarting,
  serves,
  wantedGeneration,
  type Generation,
  type Group,
  type GroupLimits,
  type Member,
  type RollReason,
  type Trouble,
} from './group-state.ts'

/** What a roll is begun with. */
export type RollOrder = Readonly<{ reason: RollReason; limits: GroupLimits; scripts: string }>

/**
 * Begins a new generation. While somebody serves it comes up beside those; a roll that is under way is overtaken: what it has brought up
 * serves until it is relieved, too. When nobody serves, the new generation takes the group over at once.
 */
export function beginRoll(group: Group, { reason, limits, scripts }: RollOrder): Group {
  const generation: Generation = { number: group.lastGeneration + 1, limits }
  const beside = group.members.some(serves)
  const formerTarget = group.roll?.beside === true ? group.roll.formerTarget : group.target
  return {
    ...group,
    serving: beside ? group.serving : generation,
    roll: { generation, beside, formerTarget },
    lastGeneration: generation.number,
    rollReason: reason,
    definition: limits,
    scripts,
    target: targetAfter(group, limits),
    backoff: noBackoff,
    trouble: null,
    degraded: beside ? group.degraded : null,
    outdated: beside && group.outdated,
  }
}

/** Whether a worker belongs to a generation that comes up beside another one. */
export function sharesOfRoll({ roll }: Group, { generation }: Member): boolean {
  return roll?.beside === true && roll.generation.number === generation.number
}

/** A roll has failed: the old generation is the wanted one again, and as large as it was. */
export function abandonRoll(group: Group, trouble: Trouble): Group {
  const { roll } = group
  if (roll === null) return group
  return { ...group, roll: null, target: roll.formerTarget, degraded: trouble, trouble: null, backoff: noBackoff }
}

/** The group after its roll, if that has come to its end; else as it is. */
export function concludeRoll(group: Group): Group {
  const { roll } = group
  if (roll === null) return group
  if (!roll.beside) return outcomeOf(group) === 'pending' ? group : { ...group, roll: null }
  const ready = group.members.filter(
    ({ generation, worker }) => generation.number === roll.generation.number && worker.phase === 'ready',
  )
  // As many as shall serve: those of the other generation have been relieved.
  if (ready.length < group.target) return group
  return { ...group, serving: roll.generation, roll: null, trouble: null, degraded: null, outdated: false }
}

/** Members whose generation is neither wanted nor needed as a stopgap, and which have not come up yet. */
export function isSuperfluous(group: Group, member: Member): boolean {
  const { roll, serving, members } = group
  if (!isStarting(member) || member.generation.number === wantedGeneration(group).number) return false
  const isStopgap = roll?.beside === true && member.generation.number === serving.number
  return !isStopgap || members.filter(serves).length >= leastServing(group)
}

/** How many must serve while a roll goes on: no more than before it, no more than after it. */
export const leastServing = ({ roll, target }: Group): number => Math.min(target, roll?.formerTarget ?? target)

/** What became of a group's start, as `wsgid start` waits for it. */
export type Outcome = 'pending' | 'ready' | 'failed'

/** `failed` as soon as one worker could not load, or workers crash again and again before all have come up. */
export function outcomeOf(group: Group): Outcome {
  if (group.trouble !== null && group.trouble.kind !== 'crash') return 'failed'
  if (group.backoff.setbacks > group.target) return 'failed'
  return group.members.filter(({ worker }) => worker.phase === 'ready').length >= group.target ? 'ready' : 'pending'
}

function targetAfter({ target, definition, members }: Group, limits: GroupLimits): number {
  if (limits.start === 'on-demand' && !members.some(serves)) return 0
  if (limits.processes !== definition.processes || target === 0) return limits.processes
  return Math.max(Math.min(target, limits.maximumProcesses), Math.max(1, limits.minimumProcesses))
}
