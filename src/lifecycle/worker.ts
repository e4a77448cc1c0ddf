// What happens to one worker is decided here and carried out in supervisor/. Knows no pid, no timer, no socket.
import { instant, milliseconds, type Instant, type Milliseconds } from '../units.ts'
import { causeOfUnexpectedEnd, type ExitReason, type ProcessEnd } from './exit-reason.ts'

export type Worker = Readonly<
  /** Spawned; loads its applications. */
  | { phase: 'starting'; since: Instant }
  /** Announced to the routers. */
  | { phase: 'ready'; since: Instant }
  /** A router lost it: it has ended, or breaks the protocol. Gets no requests and has a moment to end by itself. */
  | { phase: 'lost'; since: Instant; asked: ExitReason | null }
  /** Shall be replaced; serves until its successor relieves it. */
  | { phase: 'retiring'; since: Instant; reason: ExitReason }
  /** The routers send nothing new and finish what runs there. */
  | { phase: 'withdrawing'; since: Instant; reason: ExitReason; until: Instant }
  /** Idle, told to go by itself: exit handlers run. */
  | { phase: 'draining'; since: Instant; reason: ExitReason; until: Instant }
  /** Said that it cannot load; about to exit. */
  | { phase: 'failed'; since: Instant; reason: ExitReason }
  /** Had SIGTERM. */
  | { phase: 'stopping'; since: Instant; reason: ExitReason }
  /** Had SIGKILL. */
  | { phase: 'killed'; since: Instant; reason: ExitReason }
  | { phase: 'gone'; since: Instant; reason: ExitReason }
>

export type WorkerEvent = Readonly<
  /** `deadline`: deadlineOfWorker has come. `relieved`: a successor is ready. `idle`: no router has a request there. */
  | { type: 'loaded' | 'load-failed' | 'relieved' | 'idle' | 'lost' | 'deadline'; at: Instant }
  | { type: 'terminate'; at: Instant; reason: ExitReason }
  | { type: 'retire'; at: Instant; reason: ExitReason }
  /** Withdraw, drain and end by `until`. */
  | { type: 'stop'; at: Instant; until: Instant }
  | { type: 'exited'; at: Instant; end: ProcessEnd }
>

export type WorkerEffect = 'announce' | 'withdraw' | 'drain' | 'terminate' | 'kill' | 'release'

export type WorkerLimits = Readonly<{
  startupTimeout: Milliseconds
  gracefulTimeout: Milliseconds
  /** Instead of gracefulTimeout for a worker that was asked to go by SIGUSR1. */
  evictionTimeout: Milliseconds
  shutdownTimeout: Milliseconds
}>

/** How long a worker that a router has lost may take to end: an exit is heard of within milliseconds. */
const lostGrace: Milliseconds = milliseconds(1000)

type Step = readonly [Worker, readonly WorkerEffect[]]
const to = (worker: Worker, ...effects: WorkerEffect[]): Step => [worker, effects]

/**
 * Decides what becomes of a worker; carries nothing out.
 *
 * Whatever the order of events: `withdraw` comes once for each `announce`, and `release` once, last, when the process has ended.
 */
export function reduceWorker(worker: Worker, event: WorkerEvent, limits: WorkerLimits): Step {
  const since = event.at
  switch (worker.phase) {
    case 'starting':
      switch (event.type) {
        case 'loaded':
          return to({ phase: 'ready', since }, 'announce')
        case 'load-failed':
          return to({ phase: 'failed', since, reason: 'load-error' })
        case 'deadline':
          return to({ phase: 'killed', since, reason: 'startup-timeout' }, 'kill')
        // Nothing runs there yet that could be finished.
        case 'stop':
          return to({ phase: 'stopping', since, reason: 'stop' }, 'terminate')
        case 'terminate':
          return to({ phase: 'stopping', since, reason: event.reason }, 'terminate')
        case 'exited':
          return to({ phase: 'gone', since, reason: causeOfUnexpectedEnd(event.end, null) }, 'release')
        case 'relieved':
        case 'idle':
        case 'lost':
        case 'retire':
          return to(worker)
      }
    case 'ready':
      switch (event.type) {
        // The successor first: capacity never falls below `processes`, even with processes: 1.
        case 'retire':
          return to({ phase: 'retiring', since, reason: event.reason })
        case 'stop':
          return to({ phase: 'withdrawing', since, reason: 'stop', until: event.until }, 'withdraw')
        case 'terminate':
          return to({ phase: 'stopping', since, reason: event.reason }, 'withdraw', 'terminate')
        case 'lost':
          return to({ phase: 'lost', since, asked: null }, 'withdraw')
        case 'exited':
          return to({ phase: 'gone', since, reason: causeOfUnexpectedEnd(event.end, null) }, 'withdraw', 'release')
        case 'loaded':
        case 'load-failed':
        case 'relieved':
        case 'idle':
        case 'deadline':
          return to(worker)
      }
    case 'lost':
      switch (event.type) {
        case 'deadline':
          return to({ phase: 'killed', since, reason: 'crash' }, 'kill')
        case 'terminate':
          return to({ phase: 'stopping', since, reason: event.reason }, 'terminate')
        case 'exited':
          return to({ phase: 'gone', since, reason: causeOfUnexpectedEnd(event.end, worker.asked) }, 'release')
        case 'loaded':
        case 'load-failed':
        case 'relieved':
        case 'idle':
        case 'lost':
        case 'retire':
        case 'stop':
          return to(worker)
      }
    case 'retiring':
      switch (event.type) {
        case 'relieved':
          return to(
            { ...worker, phase: 'withdrawing', since, until: later(since, graceOf(worker.reason, limits)) },
            'withdraw',
          )
        case 'stop':
          return to({ phase: 'withdrawing', since, reason: 'stop', until: event.until }, 'withdraw')
        case 'terminate':
          return to({ phase: 'stopping', since, reason: event.reason }, 'withdraw', 'terminate')
        // It was to go, but not now and not like this.
        case 'lost':
          return to({ phase: 'lost', since, asked: worker.reason }, 'withdraw')
        case 'exited':
          return to(
            { phase: 'gone', since, reason: causeOfUnexpectedEnd(event.end, worker.reason) },
            'withdraw',
            'release',
          )
        case 'loaded':
        case 'load-failed':
        case 'retire':
        case 'idle':
        case 'deadline':
          return to(worker)
      }
    case 'withdrawing':
      switch (event.type) {
        case 'idle':
          return to({ ...worker, phase: 'draining', since }, 'drain')
        case 'deadline':
        case 'terminate':
          return to({ phase: 'stopping', since, reason: worker.reason }, 'terminate')
        case 'stop':
          return to({ ...worker, until: sooner(worker.until, event.until) })
        case 'exited':
          return to({ phase: 'gone', since, reason: worker.reason }, 'release')
        case 'loaded':
        case 'load-failed':
        case 'retire':
        case 'lost':
        case 'relieved':
          return to(worker)
      }
    case 'draining':
      switch (event.type) {
        case 'deadline':
        case 'terminate':
          return to({ phase: 'stopping', since, reason: worker.reason }, 'terminate')
        case 'stop':
          return to({ ...worker, until: sooner(worker.until, event.until) })
        case 'exited':
          return to({ phase: 'gone', since, reason: worker.reason }, 'release')
        case 'loaded':
        case 'load-failed':
        case 'retire':
        case 'lost':
        case 'relieved':
        case 'idle':
          return to(worker)
      }
    case 'failed':
    case 'stopping':
      switch (event.type) {
        case 'deadline':
          return to({ phase: 'killed', since, reason: worker.reason }, 'kill')
        case 'exited':
          return to({ phase: 'gone', since, reason: worker.reason }, 'release')
        case 'loaded':
        case 'load-failed':
        case 'retire':
        case 'lost':
        case 'relieved':
        case 'idle':
        case 'stop':
        case 'terminate':
          return to(worker)
      }
    case 'killed':
      switch (event.type) {
        case 'exited':
          return to({ phase: 'gone', since, reason: worker.reason }, 'release')
        case 'loaded':
        case 'load-failed':
        case 'retire':
        case 'lost':
        case 'relieved':
        case 'idle':
        case 'stop':
        case 'terminate':
        case 'deadline':
          return to(worker)
      }
    case 'gone':
      return to(worker)
  }
}

/** When something must happen to this worker by itself; null: it may stay as it is for ever. */
export function deadlineOfWorker(worker: Worker, limits: WorkerLimits): Instant | null {
  switch (worker.phase) {
    case 'starting':
      return later(worker.since, limits.startupTimeout)
    case 'withdrawing':
    case 'draining':
      return worker.until
    case 'lost':
      return later(worker.since, lostGrace)
    case 'failed':
    case 'stopping':
      return later(worker.since, limits.shutdownTimeout)
    case 'ready':
    case 'retiring':
    case 'killed':
    case 'gone':
      return null
  }
}

const graceOf = (reason: ExitReason, limits: WorkerLimits): Milliseconds =>
  reason === 'signal' ? limits.evictionTimeout : limits.gracefulTimeout
const later = (from: Instant, span: Milliseconds): Instant => instant(from + span)
const sooner = (a: Instant, b: Instant): Instant => instant(Math.min(a, b))
