// Translates internal phases into the words of `wsgid status`, the logs' readers and docs/operations.md.
import type { Group, GroupLimits } from './group-state.ts'
import type { Router } from './router.ts'
import type { Supervisor } from './supervisor.ts'
import type { Worker } from './worker.ts'

export type PublicGroupState = 'idle' | 'starting' | 'running' | 'rolling' | 'degraded' | 'failing' | 'stopping'
export type PublicWorkerState = 'starting' | 'ready' | 'draining' | 'stopping'
export type PublicRouterState = 'starting' | 'ready' | 'draining' | 'stopping'
export type PublicServerState = 'starting' | 'running' | 'stopping'

/** A worker that awaits its successor still serves: it is `ready`. */
export const publicWorkerState: Readonly<Record<Worker['phase'], PublicWorkerState>> = {
  starting: 'starting',
  ready: 'ready',
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

/** `failing`: nobody serves and the last attempt failed; `degraded`: somebody serves, but a replacement failed to load. */
export function publicGroupState(group: Group): PublicGroupState {
  if (group.phase !== 'running') return 'stopping'
  const serves = group.members.some(({ worker }) => publicWorkerState[worker.phase] === 'ready')
  if (group.trouble === null) return serves ? 'running' : 'starting'
  if (serves) return group.trouble.kind === 'crash' ? 'running' : 'degraded'
  return 'failing'
}

/** What became of a group's start, as `wsgid start` waits for it. */
export type Outcome = 'pending' | 'ready' | 'failed'

/** `failed` as soon as one worker could not load, or workers crash again and again before all have come up. */
export function outcomeOf(group: Group, { processes }: GroupLimits): Outcome {
  if (group.trouble !== null && group.trouble.kind !== 'crash') return 'failed'
  if (group.backoff.setbacks > processes) return 'failed'
  return group.members.filter(({ worker }) => worker.phase === 'ready').length >= processes ? 'ready' : 'pending'
}
