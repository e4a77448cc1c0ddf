// Translates internal phases into the words of `wsgid status`, the logs' readers and docs/operations.md.
import { serves, type Group } from './group-state.ts'
import type { Router } from './router.ts'
import type { Supervisor } from './supervisor.ts'
import type { Worker } from './worker.ts'

export const publicGroupStates = ['idle', 'starting', 'running', 'rolling', 'degraded', 'failing', 'stopping'] as const
export type PublicGroupState = (typeof publicGroupStates)[number]
export const publicWorkerStates = ['starting', 'ready', 'draining', 'stopping'] as const
export type PublicWorkerState = (typeof publicWorkerStates)[number]
export type PublicRouterState = 'starting' | 'ready' | 'draining' | 'stopping'
export type PublicServerState = 'starting' | 'running' | 'stopping'

/** A worker that awaits its successor still serves: it is `ready`. */
export const publicWorkerState: Readonly<Record<Worker['phase'], PublicWorkerState>> = {
  starting: 'starting',
  ready: 'ready',
  lost: 'stopping',
  retiring: 'ready',
  withdrawing: 'draining',
  draining: 'draining',
  failed: 'stopping',
  stopping: 'stopping',
  killed: 'stopping',
  gone: 'stopping',
}

export const publicRouterState: Readonly<Record<Router['phase'], PublicRouterState>> = {
  starting: 'starting',
  introduced: 'starting',
  ready: 'ready',
  draining: 'draining',
  killed: 'stopping',
  gone: 'stopping',
}

export const publicServerState: Readonly<Record<Supervisor['phase'], PublicServerState>> = {
  starting: 'starting',
  running: 'running',
  draining: 'stopping',
  stopping: 'stopping',
  stopped: 'stopping',
}

/**
 * `failing`: nobody serves and the last attempt failed; `degraded`: somebody serves, but the last roll or a replacement failed; `rolling`: a new
 * generation comes up beside the one that serves.
 */
export function publicGroupState(group: Group): PublicGroupState {
  const { phase, members, roll, trouble, degraded, outdated, target } = group
  if (phase !== 'running') return 'stopping'
  if (roll?.beside === true) return 'rolling'
  if (members.some(serves)) {
    if (degraded !== null) return outdated ? 'failing' : 'degraded'
    return trouble === null || trouble.kind === 'crash' ? 'running' : 'degraded'
  }
  if (trouble !== null || degraded !== null) return 'failing'
  return target === 0 ? 'idle' : 'starting'
}

/** Why the last worker could not start or the last roll failed: a traceback or a sentence. */
export function lastErrorOf({ trouble, degraded }: Group): string | null {
  if (trouble !== null && trouble.kind !== 'crash') return trouble.detail
  return degraded?.detail ?? null
}
