// Sends events to the workers of a group and draws the group's conclusions: who is gone, what went wrong. Pure.
import type { Instant } from '../units.ts'
import { setBack } from './backoff.ts'
import type { Group, GroupEffect, GroupEvent, GroupLimits, GroupStep, Member, Trouble } from './group-state.ts'
import { reduceWorker, type Worker, type WorkerEvent } from './worker.ts'

/** What every decision of one step shares. */
export type Advance = Readonly<{ limits: GroupLimits; at: Instant; random: number }>

type MemberEvent = Extract<GroupEvent, { number: number }>

/** Hands an event to the worker it names; ignored when that worker is gone. */
export function advanceMember(group: Group, event: MemberEvent, advance: Advance): GroupStep {
  const member = group.members.find(({ number }) => number === event.number)
  if (member === undefined) return [group, []]
  return step([group, []], { member, event: workerEvent(event), detail: detailOf(event) }, advance)
}

/** Hands each member the event that `eventFor` makes for it, if any. */
export function advanceMembers(
  group: Group,
  eventFor: (member: Member) => WorkerEvent | null,
  advance: Advance,
): GroupStep {
  return group.members.reduce<GroupStep>(
    (so, member) => {
      const event = eventFor(member)
      return event === null ? so : step(so, { member, event, detail: null }, advance)
    },
    [group, []],
  )
}

type Happening = Readonly<{ member: Member; event: WorkerEvent; detail: string | null }>

function step([group, effects]: GroupStep, { member, event, detail }: Happening, advance: Advance): GroupStep {
  const before = member.worker
  const [worker, workerEffects] = reduceWorker(before, event, advance.limits)
  if (worker === before) return [group, effects]
  const { number, generation } = member
  const more: GroupEffect[] = []
  if (worker.phase !== before.phase) {
    const why = whyOf(before, worker, detail)
    more.push({ type: 'transition', number, generation, from: before.phase, to: worker.phase, why })
  }
  for (const type of workerEffects) {
    if (type === 'release') more.push({ type, number, reason: worker.phase === 'gone' ? worker.reason : 'crash' })
    else more.push({ type, number })
  }
  const concluded = conclude({ ...group, members: withMember(group.members, { ...member, worker }) }, before, {
    ...advance,
    worker,
    detail,
  })
  return [concluded, [...effects, ...more]]
}

/** A worker that is gone leaves the list. */
function withMember(members: readonly Member[], changed: Member): readonly Member[] {
  return changed.worker.phase === 'gone'
    ? members.filter(({ number }) => number !== changed.number)
    : members.map((member) => (member.number === changed.number ? changed : member))
}

/** Health, trouble and back-off after one worker changed. */
function conclude(
  group: Group,
  before: Worker,
  { worker, detail, limits, at, random }: Advance & { worker: Worker; detail: string | null },
): Group {
  const ready = group.members.filter((member) => member.worker.phase === 'ready').length
  const healthySince = ready >= limits.processes ? (group.healthySince ?? at) : null
  if (before.phase === 'starting' && worker.phase === 'ready') return { ...group, healthySince, trouble: null }
  const kind = group.phase === 'running' ? failureOf(before, worker) : null
  if (kind === null) return { ...group, healthySince }
  const free = kind === 'crash' ? limits.processes : 0
  const backoff = setBack(group.backoff, { at, free, healthySince: group.healthySince, random })
  const trouble = { kind, at, detail: troubleDetail(kind, worker, detail) }
  return { ...group, healthySince, backoff, trouble }
}

/**
 * Which failure a change of a worker is; null: it was asked to go. A start has failed when that is known, not when the process is gone: else
 * its successor would be started at once.
 */
function failureOf(before: Worker, after: Worker): Trouble['kind'] | null {
  switch (after.phase) {
    case 'failed':
      return 'load-error'
    case 'killed':
      return before.phase === 'starting' ? 'cannot-start' : null
    case 'gone':
      if (before.phase === 'starting') return 'cannot-start'
      return before.phase === 'ready' || before.phase === 'retiring' ? 'crash' : null
    case 'starting':
    case 'ready':
    case 'retiring':
    case 'withdrawing':
    case 'draining':
    case 'stopping':
      return null
  }
}

function troubleDetail(kind: Trouble['kind'], { phase }: Worker, detail: string | null): string {
  if (phase === 'killed') return 'the applications did not load within startup-timeout'
  const what = detail ?? 'unknown cause'
  return kind === 'load-error' ? what : `a worker ended: ${what}`
}

function whyOf(before: Worker, after: Worker, detail: string | null): string {
  if (before.phase === 'starting' && after.phase === 'ready') {
    return `loaded in ${Math.round(after.since - before.since)} ms`
  }
  if (!('reason' in after)) return ''
  // Its last words were the traceback, which the log has already.
  if (detail === null || before.phase === 'failed') return after.reason
  return `${after.reason}: ${after.phase === 'failed' ? lastLine(detail) : detail}`
}

/** Of a traceback: the exception. */
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

function detailOf(event: MemberEvent): string | null {
  return event.type === 'worker-exited' || event.type === 'worker-load-failed' ? event.detail : null
}

function workerEvent(event: MemberEvent): WorkerEvent {
  const { at } = event
  switch (event.type) {
    case 'worker-loaded':
      return { type: 'loaded', at }
    case 'worker-idle':
      return { type: 'idle', at }
    case 'worker-load-failed':
      return { type: 'load-failed', at }
    case 'worker-retire':
      return { type: 'retire', at, reason: event.reason }
    case 'worker-exited':
      return { type: 'exited', at, cause: event.cause }
  }
}
