// All routers: keeps their number, tells each which workers serve, and knows when a withdrawn worker is idle in all of them. Pure.
import type { Instant } from '../units.ts'
import { noBackoff, setBack, type Backoff } from './backoff.ts'
import { deadlineOfRouter, reduceRouter, type Router, type RouterEvent } from './router.ts'

/** A router by its number, which is never used again. */
export type FleetMember = Readonly<{ number: number; router: Router }>

/** A worker as routers know it. */
export type WorkerName = Readonly<{ group: string; worker: number }>

/** A worker that was withdrawn, and the routers that may still have requests there. */
export type Withdrawal = WorkerName & Readonly<{ awaited: readonly number[] }>

export type Fleet = Readonly<{
  phase: 'running' | 'stopping' | 'gone'
  members: readonly FleetMember[]
  nextNumber: number
  /** Announced and not withdrawn: what a new router must be told. */
  serving: readonly WorkerName[]
  withdrawals: readonly Withdrawal[]
  backoff: Backoff
  healthySince: Instant | null
}>

export type FleetLimits = Readonly<{ routers: number }>

export type FleetEvent = Readonly<{ at: Instant; random: number }> &
  Readonly<
    | { type: 'begin' | 'deadline' }
    | { type: 'terminate' }
    | { type: 'drain'; until: Instant }
    | { type: 'announce' | 'withdraw'; group: string; worker: number }
    /** A router has nothing running at a withdrawn worker any more. */
    | { type: 'worker-idle'; number: number; group: string; worker: number }
    | { type: 'hello' | 'listening' | 'faulty' | 'exited'; number: number }
  >

export type FleetEffect = Readonly<
  | { type: 'start' | 'drain' | 'quit' | 'kill' | 'release'; number: number }
  /** Send routes and listening sockets, then these workers. */
  | { type: 'introduce'; number: number; serving: readonly WorkerName[] }
  | { type: 'announce' | 'withdraw'; number: number; name: WorkerName }
  /** No router has a request at this worker. */
  | { type: 'idle'; name: WorkerName }
  | { type: 'transition'; number: number; from: Router['phase']; to: Router['phase'] }
  /** The fleet stops and its last router is gone. */
  | { type: 'ended' }
>

type Step = readonly [Fleet, readonly FleetEffect[]]

export const newFleet: Fleet = {
  phase: 'running',
  members: [],
  nextNumber: 1,
  serving: [],
  withdrawals: [],
  backoff: noBackoff,
  healthySince: null,
}

/** Decides what the routers are told about an event, and how many of them there are. */
export function reduceFleet(fleet: Fleet, event: FleetEvent, limits: FleetLimits): Step {
  const { at } = event
  switch (event.type) {
    case 'begin':
      return fillUp([fleet, []], event, limits)
    case 'announce':
      return announce(fleet, event)
    case 'withdraw':
      return withdraw(fleet, event)
    case 'worker-idle':
      return settleWithdrawals(fleet, (from) => (sameWorker(from, event) ? event.number : null))
    case 'drain':
    case 'terminate':
      return ending(advance({ ...fleet, phase: 'stopping' }, () => event))
    case 'deadline':
      return fillUp(
        advance(fleet, ({ router }) => (isDue(router, at) ? { type: 'deadline', at } : null)),
        event,
        limits,
      )
    case 'hello':
    case 'listening':
    case 'faulty':
      return health(
        advance(fleet, ({ number }) => (number === event.number ? { type: event.type, at } : null)),
        at,
        limits,
      )
    case 'exited':
      return lose(fleet, event, limits)
  }
}

/** When the fleet next needs a `deadline` event; null: not before something else happens. */
export function deadlineOfFleet(fleet: Fleet, limits: FleetLimits): Instant | null {
  const lacking = fleet.phase === 'running' && fleet.members.length < limits.routers
  let earliest: Instant | null = lacking ? fleet.backoff.retryAt : null
  for (const { router } of fleet.members) {
    const deadline = deadlineOfRouter(router)
    if (deadline !== null && (earliest === null || deadline < earliest)) earliest = deadline
  }
  return earliest
}

function announce(fleet: Fleet, { group, worker }: WorkerName): Step {
  const name = { group, worker }
  const effects = fleet.members
    .filter(isIntroduced)
    .map(({ number }): FleetEffect => ({ type: 'announce', number, name }))
  return [{ ...fleet, serving: [...fleet.serving, name] }, effects]
}

function withdraw(fleet: Fleet, { group, worker }: WorkerName): Step {
  const name = { group, worker }
  const awaited = fleet.members.filter(isIntroduced).map(({ number }) => number)
  const serving = fleet.serving.filter((other) => !sameWorker(other, name))
  if (awaited.length === 0) return [{ ...fleet, serving }, [{ type: 'idle', name }]]
  const effects = awaited.map((number): FleetEffect => ({ type: 'withdraw', number, name }))
  return [{ ...fleet, serving, withdrawals: [...fleet.withdrawals, { ...name, awaited }] }, effects]
}

/** Strikes a router off the withdrawals that `answeredBy` names it for; a withdrawal that awaits nobody is over. */
function settleWithdrawals(fleet: Fleet, answeredBy: (from: Withdrawal) => number | null): Step {
  const effects: FleetEffect[] = []
  const withdrawals: Withdrawal[] = []
  for (const withdrawal of fleet.withdrawals) {
    const answered = answeredBy(withdrawal)
    const awaited = withdrawal.awaited.filter((number) => number !== answered)
    if (awaited.length > 0) withdrawals.push({ ...withdrawal, awaited })
    else effects.push({ type: 'idle', name: { group: withdrawal.group, worker: withdrawal.worker } })
  }
  return [{ ...fleet, withdrawals }, effects]
}

function lose(fleet: Fleet, event: Extract<FleetEvent, { number: number }>, limits: FleetLimits): Step {
  const { number, at, random } = event
  const [left, effects] = advance(fleet, (member) => (member.number === number ? { type: 'exited', at } : null))
  // Its connections are gone with it: whatever it had at a withdrawn worker is over.
  const [settled, idle] = settleWithdrawals(left, () => number)
  const so: Step = [settled, [...effects, ...idle]]
  if (fleet.phase !== 'running') return ending(so)
  const backoff = setBack(fleet.backoff, { at, free: limits.routers, healthySince: fleet.healthySince, random })
  return fillUp(health([{ ...settled, backoff }, so[1]], at, limits), event, limits)
}

function advance(fleet: Fleet, eventFor: (member: FleetMember) => RouterEvent | null): Step {
  const members: FleetMember[] = []
  const effects: FleetEffect[] = []
  for (const member of fleet.members) {
    const event = eventFor(member)
    const [router, wanted] = event === null ? [member.router, []] : reduceRouter(member.router, event)
    if (router.phase !== 'gone') members.push({ ...member, router })
    effects.push(...transition(member, router), ...wanted.map((type) => routerEffect(type, member.number, fleet)))
  }
  return [{ ...fleet, members }, effects]
}

function transition({ number, router: before }: FleetMember, after: Router): FleetEffect[] {
  return before.phase === after.phase ? [] : [{ type: 'transition', number, from: before.phase, to: after.phase }]
}

function routerEffect(
  type: 'introduce' | 'drain' | 'quit' | 'kill' | 'release',
  number: number,
  { serving }: Fleet,
): FleetEffect {
  return type === 'introduce' ? { type, number, serving } : { type, number }
}

function fillUp([fleet, effects]: Step, { at }: FleetEvent, { routers }: FleetLimits): Step {
  const lacking = fleet.phase === 'running' && at >= fleet.backoff.retryAt ? routers - fleet.members.length : 0
  const numbers = Array.from({ length: Math.max(0, lacking) }, (_, index) => fleet.nextNumber + index)
  const started = numbers.map((number): FleetMember => ({ number, router: { phase: 'starting', since: at } }))
  return [
    { ...fleet, members: [...fleet.members, ...started], nextNumber: fleet.nextNumber + numbers.length },
    [...effects, ...numbers.map((number): FleetEffect => ({ type: 'start', number }))],
  ]
}

function health([fleet, effects]: Step, at: Instant, { routers }: FleetLimits): Step {
  const ready = fleet.members.filter(({ router }) => router.phase === 'ready').length
  return [{ ...fleet, healthySince: ready >= routers ? (fleet.healthySince ?? at) : null }, effects]
}

function ending([fleet, effects]: Step): Step {
  if (fleet.members.length > 0 || fleet.phase !== 'stopping') return [fleet, effects]
  return [{ ...fleet, phase: 'gone' }, [...effects, { type: 'ended' }]]
}

function isDue(router: Router, at: Instant): boolean {
  const deadline = deadlineOfRouter(router)
  return deadline !== null && deadline <= at
}

/** Knows the workers: must be told of changes, also while it drains. */
const isIntroduced = ({ router }: FleetMember): boolean =>
  router.phase === 'introduced' || router.phase === 'ready' || router.phase === 'draining'
const sameWorker = (a: WorkerName, b: WorkerName): boolean => a.group === b.group && a.worker === b.worker
