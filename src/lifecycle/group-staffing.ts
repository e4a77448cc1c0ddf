// Which workers a group starts and relieves now, and what it tells routers in need. Pure.
import { instant } from '../units.ts'
import { advanceMembers, type Advance } from './group-members.ts'
import { beginRoll, concludeRoll, isSuperfluous, leastServing } from './group-roll.ts'
import { wake } from './group-scaling.ts'
import {
  isStarting,
  serves,
  wantedGeneration,
  type Generation,
  type Group,
  type GroupEffect,
  type GroupStep,
  type Member,
} from './group-state.ts'

/** A router that asks within this time after a failed attempt gets that failure; later it gets a new attempt. */
const freshFailureMs = 1000

/**
 * Completes a step of a running group: ends a roll that has come up, relieves workers whose successors are ready, starts what is missing
 * unless it is backing off, lets template processes go, and tells the routers when nobody is left whom they could wait for.
 */
export function fillUp([group, effects]: GroupStep, advance: Advance): GroupStep {
  const steps = [
    dismiss,
    relieve,
    (so: Group): GroupStep => [concludeRoll(so), []],
    dismiss,
    startMissing,
    endTemplates,
  ]
  const [filled, more] = steps.reduce<GroupStep>(
    ([so, soFar], next) => {
      const [then, wanted] = next(so, advance)
      return [then, [...soFar, ...wanted]]
    },
    [group, effects],
  )
  return [filled, [...more, ...despair(filled, advance)]]
}

/**
 * Answers a router that holds requests and has no worker. A worker that starts is worth waiting for; after a failed attempt one is made
 * now if the script files have changed since, else at most once a second; after a crash likewise, whatever the back-off says.
 *
 * @param scripts the identity that the script files have now
 */
export function answerDemand(group: Group, scripts: string, advance: Advance): GroupStep {
  const asked = wake(group, advance.at)
  if (asked.definition.scriptReloading === 'immediate' && asked.members.some(serves)) {
    return answerOutdated(asked, scripts, advance)
  }
  const { trouble, backoff } = asked
  if (trouble === null || asked.members.some(isPromising)) return fillUp([asked, []], advance)
  if (scripts !== asked.scripts) {
    return fillUp([{ ...asked, scripts, backoff: { ...backoff, retryAt: advance.at } }, []], advance)
  }
  const fresh = advance.at - trouble.at < freshFailureMs
  if (fresh && trouble.kind !== 'crash') {
    return [asked, [{ type: 'unavailable', why: trouble.kind, detail: trouble.detail }]]
  }
  const retryAt = instant(Math.min(backoff.retryAt, Math.max(advance.at, trouble.at + freshFailureMs)))
  return fillUp([{ ...asked, backoff: { ...backoff, retryAt } }, []], advance)
}

/** Workers are there, but they hand requests back since a script has changed: only a new generation helps. */
function answerOutdated(group: Group, scripts: string, advance: Advance): GroupStep {
  const { degraded, roll, definition: limits, outdated } = group
  if (scripts === group.scripts) {
    if (!outdated || roll !== null || degraded === null) return fillUp([group, []], advance)
    if (advance.at - degraded.at < freshFailureMs) {
      const why = degraded.kind === 'crash' ? 'cannot-start' : degraded.kind
      return [group, [{ type: 'unavailable', why, detail: degraded.detail }]]
    }
  }
  return fillUp([beginRoll({ ...group, outdated: true }, { reason: 'reload', limits, scripts }), []], advance)
}

/** Who would be started now, back-off aside. */
export function missing(group: Group): readonly Generation[] {
  const { members, target, roll, serving, trouble } = group
  const wanted = wantedGeneration(group)
  const room = Math.max(target, roll?.formerTarget ?? 0) + 1 - members.length
  const coming = (generation: Generation, phases: ReadonlySet<string>): number =>
    members.filter((each) => each.generation.number === generation.number && phases.has(each.worker.phase)).length
  const starting = coming(wanted, isStartingPhase)
  let count = target - coming(wanted, startingOrReady)
  // One new worker beside the old ones; and one probe is enough to learn whether a broken script was repaired.
  const oneAtATime = roll?.beside === true || (trouble !== null && trouble.kind !== 'crash')
  if (oneAtATime) count = starting > 0 ? 0 : Math.min(1, count)
  const news = Array<Generation>(Math.max(0, Math.min(count, room))).fill(wanted)
  if (roll?.beside !== true) return news
  // One of the old ones has ended while the new generation is still to prove itself.
  const lacking = leastServing(group) - members.filter(serves).length - coming(serving, isStartingPhase)
  return [...news, ...Array<Generation>(Math.max(0, Math.min(lacking, room - news.length))).fill(serving)]
}

const isStartingPhase: ReadonlySet<string> = new Set(['starting'])
const startingOrReady: ReadonlySet<string> = new Set(['starting', 'ready'])

function startMissing(group: Group, { at }: Advance): GroupStep {
  if (at < group.backoff.retryAt) return [group, []]
  let filled = group
  const effects: GroupEffect[] = []
  for (const generation of missing(group)) {
    const { nextNumber: number, templates } = filled
    const slot = freeSlot(filled.members)
    const member: Member = { number, slot, generation, worker: { phase: 'starting', since: at }, retireAt: null }
    filled = {
      ...filled,
      nextNumber: number + 1,
      members: [...filled.members, member],
      templates: templates.includes(generation.number) ? templates : [...templates, generation.number],
    }
    effects.push({ type: 'start', number, slot, generation: generation.number })
  }
  return [filled, effects]
}

function freeSlot(members: readonly Member[]): number {
  const taken = new Set(members.map(({ slot }) => slot))
  let slot = 0
  while (taken.has(slot)) slot += 1
  return slot
}

/** Ends starts that nobody waits for any more. */
function dismiss(group: Group, advance: Advance): GroupStep {
  const superfluous = new Set(group.members.filter((member) => isSuperfluous(group, member)))
  const { at } = advance
  return advanceMembers(
    group,
    (member) => (superfluous.has(member) ? [{ type: 'terminate', at, reason: group.rollReason }] : []),
    advance,
  )
}

/** Workers that have a successor go: first those that asked for it, then those of another generation. */
function relieve(group: Group, advance: Advance): GroupStep {
  const { at } = advance
  const wanted = wantedGeneration(group).number
  const serving = group.members.filter(serves)
  const retiring = serving.filter(({ worker }) => worker.phase === 'retiring')
  const others = serving.filter(({ worker, generation }) => worker.phase === 'ready' && generation.number !== wanted)
  const relieved = new Set([...retiring, ...others].slice(0, Math.max(0, serving.length - group.target)))
  return advanceMembers(
    group,
    (member) =>
      relieved.has(member)
        ? [
            { type: 'retire', at, reason: group.rollReason },
            { type: 'relieved', at },
          ]
        : [],
    advance,
  )
}

/** A template process stays as long as its generation serves or shall serve, or has workers: it passes on what they are told. */
function endTemplates(group: Group): GroupStep {
  const { roll, serving, target, members } = group
  const kept = (generation: number): boolean =>
    members.some((member) => member.generation.number === generation) ||
    (target > 0 && (generation === serving.number || generation === roll?.generation.number))
  const ended = group.templates.filter((generation) => !kept(generation))
  if (ended.length === 0) return [group, []]
  return [
    { ...group, templates: group.templates.filter(kept) },
    ended.map((generation): GroupEffect => ({ type: 'end-template', generation })),
  ]
}

/** A start has failed just now and nobody serves or starts: waiting is in vain. */
function despair({ trouble, degraded, outdated, members }: Group, { at }: Advance): readonly GroupEffect[] {
  if (outdated && degraded?.at === at && degraded.kind !== 'crash') {
    return [{ type: 'unavailable', why: degraded.kind, detail: degraded.detail }]
  }
  if (trouble === null || trouble.kind === 'crash' || trouble.at !== at || members.some(isPromising)) return []
  return [{ type: 'unavailable', why: trouble.kind, detail: trouble.detail }]
}

const isPromising = (member: Member): boolean => serves(member) || isStarting(member)
