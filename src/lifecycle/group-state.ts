// The words in which a process group is thought about: its state, what happens to it, what it wants done.
import type { Instant } from '../units.ts'
import { noBackoff, type Backoff } from './backoff.ts'
import type { ExitReason } from './exit-reason.ts'
import type { Worker, WorkerLimits } from './worker.ts'

/** A worker in its group. `number` is never used again; `slot` says which of the group's sockets it listens on. */
export type Member = Readonly<{ number: number; slot: number; generation: number; worker: Worker }>

/** What went wrong last; null again as soon as a worker loads. `detail` is a traceback or a sentence. */
export type Trouble = Readonly<{ kind: 'load-error' | 'cannot-start' | 'crash'; at: Instant; detail: string }>

export type Group = Readonly<{
  phase: 'running' | 'stopping' | 'gone'
  generation: number
  members: readonly Member[]
  nextNumber: number
  backoff: Backoff
  /** Since when all `processes` workers have been ready without a break. */
  healthySince: Instant | null
  trouble: Trouble | null
}>

/** `processes` workers serve; one more may live while a worker is replaced. */
export type GroupLimits = WorkerLimits & Readonly<{ processes: number }>

/** `random`: a draw in [0, 1) for the jitter of back-off. `number`: whose event it is; one of a worker that is gone is ignored. */
export type GroupEvent = Readonly<{ at: Instant; random: number }> &
  Readonly<
    | { type: 'begin' | 'deadline' }
    | { type: 'terminate' }
    /** A router holds requests and knows no ready worker. */
    | { type: 'demand' }
    | { type: 'stop'; until: Instant }
    | { type: 'worker-loaded' | 'worker-idle'; number: number }
    | { type: 'worker-load-failed'; number: number; detail: string }
    | { type: 'worker-retire'; number: number; reason: ExitReason }
    | { type: 'worker-exited'; number: number; cause: ExitReason; detail: string }
  >

export type GroupEffect = Readonly<
  | { type: 'start'; number: number; slot: number; generation: number }
  | { type: 'announce' | 'withdraw' | 'drain' | 'terminate' | 'kill'; number: number }
  /** The process has ended: forget it, note why. Last effect for this number. */
  | { type: 'release'; number: number; reason: ExitReason }
  /** Fail what the routers have queued for this group. */
  | { type: 'unavailable'; why: 'load-error' | 'cannot-start' | 'stopping'; detail: string }
  /** For the log. */
  | {
      type: 'transition'
      number: number
      generation: number
      from: Worker['phase']
      to: Worker['phase']
      why: string
    }
  /** The group stops and its last worker is gone. */
  | { type: 'ended' }
>

export type GroupStep = readonly [Group, readonly GroupEffect[]]

export const newGroup: Group = {
  phase: 'running',
  generation: 1,
  members: [],
  nextNumber: 1,
  backoff: noBackoff,
  healthySince: null,
  trouble: null,
}
