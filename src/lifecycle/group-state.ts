// The words in which a process group is thought about: its state, what happens to it, what it wants done.
import type { GroupPlan } from '../plan/plan.ts'
import { instant, type Instant } from '../units.ts'
import { noBackoff, type Backoff } from './backoff.ts'
import type { ExitReason, ProcessEnd } from './exit-reason.ts'
import type { Worker, WorkerLimits } from './worker.ts'

/** What a group is measured by; a whole GroupPlan will do. */
export type GroupLimits = WorkerLimits &
  Pick<
    GroupPlan,
    | 'processes'
    | 'minimumProcesses'
    | 'maximumProcesses'
    | 'start'
    | 'restartInterval'
    | 'inactivityTimeout'
    | 'scriptReloading'
  >

/** All workers started from the same definition and code. Numbers rise and are never used again. */
export type Generation = Readonly<{ number: number; limits: GroupLimits }>

/**
 * A worker in its group. `number` is never used again; `slot` says which of the group's sockets it listens on. `retireAt`: when
 * restart-interval is over.
 */
export type Member = Readonly<{
  number: number
  slot: number
  generation: Generation
  worker: Worker
  retireAt: Instant | null
}>

/** What went wrong last. `detail` is a traceback or a sentence. */
export type Trouble = Readonly<{
  kind: 'load-error' | 'forbidden' | 'cannot-start' | 'crash'
  at: Instant
  detail: string
}>

/** Why a generation is started; as an exit reason, why one of the generation before it goes. */
export type RollReason = Extract<ExitReason, 'restart' | 'reload'>

/**
 * A generation on its way. `beside`: workers of another one serve meanwhile, and go on if it fails; else it has the group for itself, as
 * at the first start. `formerTarget`: what the target is again if it fails.
 */
export type Roll = Readonly<{ generation: Generation; beside: boolean; formerTarget: number }>

export type Group = Readonly<{
  phase: 'running' | 'stopping' | 'gone'
  /** What serves, or shall; while a roll goes on beside it, that which serves if the roll fails. */
  serving: Generation
  roll: Roll | null
  lastGeneration: number
  /** Why members go that are not of the wanted generation. */
  rollReason: RollReason
  /** By what the next generation will be measured. */
  definition: GroupLimits
  /** Identity of the script files that the last generation was started for. */
  scripts: string
  members: readonly Member[]
  nextNumber: number
  /** How many workers shall serve now: 0 in an idle on-demand group, else between minimum- and maximum-processes. */
  target: number
  /** Since when nothing has asked for more workers, and their number has not changed. */
  calmSince: Instant
  backoff: Backoff
  /** Since when all wanted workers have been ready without a break. */
  healthySince: Instant | null
  /** Why the last start failed; null again as soon as a worker loads. */
  trouble: Trouble | null
  /** Why the last roll failed; null again after a successful one. */
  degraded: Trouble | null
  /** script-reloading: immediate, and a script has changed: what serves takes no requests any more. */
  outdated: boolean
  /** Generations with a template process that was not told to go. */
  templates: readonly number[]
  /** The server stops: when the grace of this group's requests is over. */
  closeAt: Instant | null
}>

/**
 * `random`: a draw in [0, 1) for jitter. `number`: whose event it is; one of a worker that is gone is ignored. `scripts`: the identity that the
 * group's script files have now.
 */
export type GroupEvent = Readonly<{ at: Instant; random: number }> &
  Readonly<
    | { type: 'begin' | 'deadline' }
    | { type: 'terminate' }
    /** A router holds requests and knows no ready worker. */
    | { type: 'demand'; scripts: string }
    /** Requests have waited for a thread. */
    | { type: 'pressure' }
    /** Starts a new generation: from now on the group is measured by `limits`. */
    | { type: 'roll'; reason: RollReason; limits: GroupLimits; scripts: string }
    /** A worker has seen that a script is not the one it has loaded. */
    | { type: 'script-changed'; scripts: string }
    /** The routers finish; at `until` the patience with requests of this group ends. */
    | { type: 'close'; until: Instant }
    | { type: 'stop'; until: Instant }
    | { type: 'worker-loaded' | 'worker-idle' | 'worker-lost'; number: number }
    | { type: 'worker-load-failed'; number: number; kind: 'load-error' | 'forbidden'; detail: string }
    | { type: 'worker-retire'; number: number; reason: ExitReason }
    | { type: 'worker-exited'; number: number; end: ProcessEnd; detail: string }
  >

export type GroupEffect = Readonly<
  /** A generation has begun; its workers come from a template process of its own. */
  | { type: 'new-generation'; generation: number }
  /** Forks a worker from its generation's template process, which is started if there is none. */
  | { type: 'start'; number: number; slot: number; generation: number }
  | { type: 'announce' | 'withdraw' | 'terminate' | 'kill'; number: number }
  | { type: 'drain'; number: number; reason: ExitReason }
  /** The process has ended: forget it, note why. Last effect for this number. */
  | { type: 'release'; number: number; reason: ExitReason }
  /** No more workers will come from this generation's template process for now. */
  | { type: 'end-template'; generation: number }
  /** The generation on its way has come up (`error` null) or has failed; one that was overtaken by another has no end of its own. */
  | { type: 'roll-ended'; generation: number; error: string | null }
  /** Fail what the routers have queued for this group. */
  | { type: 'unavailable'; why: Exclude<Trouble['kind'], 'crash'> | 'stopping'; detail: string }
  /** For the log and for who follows a restart. */
  | { type: 'transition'; number: number; generation: number; from: Worker['phase']; to: Worker['phase']; why: string }
  /** The group stops and its last worker is gone. */
  | { type: 'ended' }
>

export type GroupStep = readonly [Group, readonly GroupEffect[]]

/** A group before its `begin`. @param scripts see GroupEvent */
export function newGroup(limits: GroupLimits, scripts: string): Group {
  const serving = { number: 1, limits }
  const target = limits.start === 'on-demand' ? 0 : limits.processes
  return {
    phase: 'running',
    serving,
    roll: { generation: serving, beside: false, formerTarget: target },
    lastGeneration: 1,
    rollReason: 'restart',
    definition: limits,
    scripts,
    members: [],
    nextNumber: 1,
    target,
    calmSince: instant(0),
    backoff: noBackoff,
    healthySince: null,
    trouble: null,
    degraded: null,
    outdated: false,
    templates: [],
    closeAt: null,
  }
}

/** The generation that new workers are of. */
export const wantedGeneration = ({ roll, serving }: Group): Generation => roll?.generation ?? serving

/** Whether the routers send requests to a worker. */
export const serves = ({ worker }: Member): boolean => worker.phase === 'ready' || worker.phase === 'retiring'

export const isStarting = ({ worker }: Member): boolean => worker.phase === 'starting'
