// Sends events to the workers of a group and draws the group's conclusions: who is gone, what went wrong. Pure.
import { instant, type Instant } from '../units.ts'
import { setBack } from './backoff.ts'
import type { Group, GroupEffect, GroupEvent, GroupStep, Member, Trouble } from './group-state.ts'
import { abandonRoll, sharesOfRoll } from './group-roll.ts'
import { reduceWorker, type Worker, type WorkerEvent } from './worker.ts'

/** What every decision of one step shares. */
export type Advance = Readonly<{ at: Instant; random: number }>

type MemberEvent = Extract<GroupEvent, { number: number }>

/** Hands an event to the worker it names; ignored when that worker is gone. */
export function advanceMember(group: Group, event: MemberEvent, advance: Advance): GroupStep {
  const member = group.members.find(({ number }) => number === event.number)
  if (member === undefined) return [group, []]
  const failure = { kind: 'kind' in event ? event.kind : null, detail: 'detail' in event ? event.detail : null }
  return step([group, []], { member, event: workerEvent(event), ...failure }, advance)
}

/** Hands each member the events that `eventsFor` makes for it, if any. */
export function advanceMembers(
  group: Group,
  eventsFor: (member: Member) => readonly WorkerEvent[],
  advance: Advance,
): GroupStep {
  return group.members.reduce<GroupStep>(
    (so, member) =>
      eventsFor(member).reduce<GroupStep>((then, event) => {
        const current = then[0].members.find(({ number }) => number === member.number)
        return current === undefined ? then : step(then, { member: current, event, kind: null, detail: null }, advance)
      }, so),
    [group, []],
  )
}

type Happening = Readonly<{
  member: Member
  event: WorkerEvent
  kind: 'load-error' | 'forbidden' | null
  detail: string | null
}>

function step([group, effects]: GroupStep, { member, event, kind, detail }: Happening, advance: Advance): GroupStep {
  const before = member.worker
  const { limits } = member.generation
  const [worker, workerEffects] = reduceWorker(before, event, limits)
  if (worker === before) return [group, effects]
  const after = { ...member, worker, retireAt: retireAt(member, worker, advance) }
  const concluded = conclude(
    { ...group, members: withMember(group.members, after) },
    { ...advance, before, after, kind, detail },
  )
  return [concluded, [...effects, ...transition(before, after, detail), ...workerEffects.map(effectOf(after))]]
}

const effectOf =
  ({ number, worker }: Member) =>
  (type: 'announce' | 'withdraw' | 'drain' | 'terminate' | 'kill' | 'release'): GroupEffect =>
    type === 'release' || type === 'drain'
      ? { type, number, reason: 'reason' in worker ? worker.reason : 'crash' }
      : { type, number }

function transition(before: Worker, { number, generation, worker }: Member, detail: string | null): GroupEffect[] {
  if (worker.phase === before.phase) return []
  const why = whyOf(before, worker, detail)
  return [{ type: 'transition', number, generation: generation.number, from: before.phase, to: worker.phase, why }]
}

/** restart-interval, shortened by up to a tenth at random, so that workers which came up together do not go together. */
function retireAt(member: Member, worker: Worker, { at, random }: Advance): Instant | null {
  if (worker.phase !== 'ready') return null
  const { restartInterval } = member.generation.limits
  return restartInterval === 0 ? null : (member.retireAt ?? instant(at + restartInterval * (1 - random / 10)))
}

/** A worker that is gone leaves the list. */
function withMember(members: readonly Member[], changed: Member): readonly Member[] {
  return changed.worker.phase === 'gone'
    ? members.filter(({ number }) => number !== changed.number)
    : members.map((member) => (member.number === changed.number ? changed : member))
}

type Change = Advance &
  Readonly<{ before: Worker; after: Member; kind: 'load-error' | 'forbidden' | null; detail: string | null }>

/** Health, trouble and back-off after one worker changed. */
function conclude(group: Group, change: Change): Group {
  const { before, after, at, random } = change
  const ready = group.members.filter((member) => member.worker.phase === 'ready').length
  const healthySince = ready >= group.target ? (group.healthySince ?? at) : null
  if (before.phase === 'starting' && after.worker.phase === 'ready') return { ...group, healthySince, trouble: null }
  const kind = group.phase === 'running' ? failureOf(change) : null
  if (kind === null) return { ...group, healthySince }
  const trouble = { kind, at, detail: troubleDetail(kind, change) }
  const ofRoll = sharesOfRoll(group, after)
  // The old generation has done nothing wrong: no back-off of its replacements.
  if (ofRoll && kind !== 'crash') return abandonRoll({ ...group, healthySince }, trouble)
  const free = kind === 'crash' ? group.target : 0
  const backoff = setBack(group.backoff, { at, free, healthySince: group.healthySince, random })
  const setBackGroup = { ...group, healthySince, backoff, trouble }
  if (ofRoll && backoff.setbacks > group.target) return abandonRoll(setBackGroup, { ...trouble, kind: 'cannot-start' })
  return setBackGroup
}

/**
 * Which failure a change of a worker is; null: it was asked to go. A start has failed when that is known, not when the process is gone: else
 * its successor would be started at once.
 */
function failureOf({ before, after: { worker }, kind }: Change): Trouble['kind'] | null {
  switch (worker.phase) {
    case 'failed':
      return kind ?? 'load-error'
    case 'killed':
      return before.phase === 'starting' ? 'cannot-start' : before.phase === 'lost' ? 'crash' : null
    case 'gone':
      if (before.phase === 'starting') return 'cannot-start'
      return before.phase === 'ready' || before.phase === 'retiring' || before.phase === 'lost' ? 'crash' : null
    case 'starting':
    case 'ready':
    case 'lost':
    case 'retiring':
    case 'withdrawing':
    case 'draining':
    case 'stopping':
      return null
  }
}

function troubleDetail(kind: Trouble['kind'], { before, after: { worker }, detail }: Change): string {
  if (worker.phase === 'killed') {
    return before.phase === 'lost'
      ? 'a worker broke the protocol and was killed'
      : 'the applications did not load within startup-timeout'
  }
  const what = detail ?? 'unknown cause'
  return kind === 'load-error' || kind === 'forbidden' ? what : `a worker ended: ${what}`
}

function whyOf(before: Worker, after: Worker, detail: string | null): string {
  if (before.phase === 'starting' && after.phase === 'ready') {
    const milliseconds = after.since - before.since
    return `loaded in ${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
  }
  if (!('reason' in after)) return ''
  // Its last words were the traceback, which the log has already.
  if (detail === null || before.phase === 'failed') return after.reason
  return `${after.reason}: ${after.phase === 'failed' ? lastLine(detail) : detail}`
}

/** Of a traceback: the exception. */
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

function workerEvent(event: MemberEvent): WorkerEvent {
  const { at } = event
  switch (event.type) {
    case 'worker-loaded':
      return { type: 'loaded', at }
    case 'worker-idle':
      return { type: 'idle', at }
    case 'worker-lost':
      return { type: 'lost', at }
    case 'worker-load-failed':
      return { type: 'load-failed', at }
    case 'worker-retire':
      return { type: 'retire', at, reason: event.reason }
    case 'worker-exited':
      return { type: 'exited', at, end: event.end }
  }
}
