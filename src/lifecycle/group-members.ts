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
  const noted = event.type === 'worker-load-failed' ? note(group, 'load-error', event) : group
  return step([noted, []], { member, event: workerEvent(event), detail: detailOf(event) }, advance)
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
  if (worker.phase === 'ready') return { ...group, healthySince, trouble: null }
  if (worker.phase !== 'gone') return { ...group, healthySince }
  const kind = failureOf(before)
  if (kind === null || group.phase !== 'running') return { ...group, healthySince }
  const free = kind === 'crash' ? limits.processes : 0
  const backoff = setBack(group.backoff, { at, free, healthySince: group.healthySince, random })
  return { ...note(group, kind, { at, detail: troubleDetail(before, group, detail) }), healthySince, backoff }
}

/** Which failure the end of a worker is, judged by the phase it was in; null: it was asked to go. */
function failureOf(before: Worker): Trouble['kind'] | null {
  switch (before.phase) {
    case 'starting':
      return 'cannot-start'
    case 'failed':
      return 'load-error'
    case 'killed':
      return before.reason === 'startup-timeout' ? 'cannot-start' : null
    case 'ready':
    case 'retiring':
      return 'crash'
    case 'withdrawing':
    case 'draining':
    case 'stopping':
    case 'gone':
      return null
  }
}

const note = (group: Group, kind: Trouble['kind'], { at, detail }: { at: Instant; detail: string }): Group => ({
  ...group,
  trouble: { kind, at, detail },
})

/** The traceback that a failed worker sent says more than its exit code. */
function troubleDetail(before: Worker, group: Group, detail: string | null): string {
  if (before.phase === 'failed' && group.trouble?.kind === 'load-error') return group.trouble.detail
  if (before.phase === 'killed') return 'the applications did not load within startup-timeout'
  return `a worker ended: ${detail ?? 'unknown cause'}`
}

function whyOf(before: Worker, after: Worker, detail: string | null): string {
  if (before.phase === 'starting' && after.phase === 'ready') {
    return `loaded in ${Math.round(after.since - before.since)} ms`
  }
  if (after.phase === 'gone') return detail === null ? after.reason : `${after.reason}, ${detail}`
  return 'reason' in after ? after.reason : ''
}

function detailOf(event: MemberEvent): string | null {
  return event.type === 'worker-exited' ? event.detail : null
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
