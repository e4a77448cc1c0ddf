// How many workers a group wants now: fills up to `processes`, relieves those that retire, answers routers in need. Pure.
import { instant } from '../units.ts'
import type { Group, GroupEffect, GroupLimits, GroupStep, Member } from './group-state.ts'
import { advanceMembers, type Advance } from './group-members.ts'
import type { Worker } from './worker.ts'

/** A router that asks within this time after a failed attempt gets that failure; later it gets a new attempt. */
const freshFailureMs = 1000

/**
 * Completes a step of a running group: relieves workers whose successors are ready, starts what is missing unless it is backing
 * off, and tells the routers when nobody is left whom they could wait for.
 */
export function fillUp([group, effects]: GroupStep, advance: Advance): GroupStep {
  const [relieved, reliefs] = relieve(group, advance)
  const [filled, starts] = startMissing(relieved, advance)
  return [filled, [...effects, ...reliefs, ...starts, ...despair(filled, advance)]]
}

/**
 * Answers a router that holds requests and has no worker. A worker that starts is worth waiting for; after a failed attempt one is made
 * now, but at most once a second; after a crash likewise, whatever the back-off says.
 */
export function answerDemand(group: Group, advance: Advance): GroupStep {
  const { trouble, backoff } = group
  if (trouble === null || group.members.some(isPromising)) return fillUp([group, []], advance)
  const fresh = advance.at - trouble.at < freshFailureMs
  if (fresh && trouble.kind !== 'crash') {
    return [group, [{ type: 'unavailable', why: trouble.kind, detail: trouble.detail }]]
  }
  const retryAt = instant(Math.min(backoff.retryAt, Math.max(advance.at, trouble.at + freshFailureMs)))
  return fillUp([{ ...group, backoff: { ...backoff, retryAt } }, []], advance)
}

/** How many workers could be started at once, back-off aside. */
export function missing(group: Group, { processes }: GroupLimits): number {
  const coming = group.members.filter(({ worker }) => worker.phase === 'starting' || worker.phase === 'ready').length
  const room = processes + 1 - group.members.length
  const wanted = Math.max(0, Math.min(processes - coming, room))
  const failsToStart = group.trouble !== null && group.trouble.kind !== 'crash'
  if (!failsToStart) return wanted
  // One probe is enough to learn whether a broken script was repaired.
  return isPhase(group, 'starting') ? 0 : Math.min(1, wanted)
}

function startMissing(group: Group, { limits, at }: Advance): GroupStep {
  if (at < group.backoff.retryAt) return [group, []]
  let filled = group
  const effects: GroupEffect[] = []
  for (let count = missing(group, limits); count > 0; count -= 1) {
    const { nextNumber: number, generation } = filled
    const slot = freeSlot(filled.members)
    const member: Member = { number, slot, generation, worker: { phase: 'starting', since: at } }
    filled = { ...filled, nextNumber: number + 1, members: [...filled.members, member] }
    effects.push({ type: 'start', number, slot, generation })
  }
  return [filled, effects]
}

function freeSlot(members: readonly Member[]): number {
  const taken = new Set(members.map(({ slot }) => slot))
  let slot = 0
  while (taken.has(slot)) slot += 1
  return slot
}

function relieve(group: Group, advance: Advance): GroupStep {
  const serving = group.members.filter(({ worker }) => worker.phase === 'ready' || worker.phase === 'retiring')
  const retiring = serving.filter(({ worker }) => worker.phase === 'retiring')
  const relieved = new Set(retiring.slice(0, Math.max(0, serving.length - advance.limits.processes)))
  return advanceMembers(
    group,
    (member) => (relieved.has(member) ? { type: 'relieved', at: advance.at } : null),
    advance,
  )
}

/** A start has failed just now and nobody serves or starts: waiting is in vain. */
function despair({ trouble, members }: Group, { at }: Advance): readonly GroupEffect[] {
  if (trouble === null || trouble.kind === 'crash' || trouble.at !== at || members.some(isPromising)) return []
  return [{ type: 'unavailable', why: trouble.kind, detail: trouble.detail }]
}

const isPromising = ({ worker }: Member): boolean => promising.has(worker.phase)
const promising = new Set<Worker['phase']>(['starting', 'ready', 'retiring'])
const isPhase = (group: Group, phase: Worker['phase']): boolean =>
  group.members.some(({ worker }) => worker.phase === phase)
