// The life of the server as a whole: start, run, drain the routers, stop the groups. Pure; the parts have their own reducers.
import type { Instant } from '../units.ts'

export type Supervisor = Readonly<
  | { phase: 'starting'; since: Instant }
  | { phase: 'running'; since: Instant }
  /** The routers finish; workers still serve them. */
  | { phase: 'draining'; since: Instant; until: Instant; left: Left }
  /** Everything was told to go. */
  | { phase: 'stopping'; since: Instant; left: Left }
  | { phase: 'stopped'; since: Instant }
>

/** What is still there. */
type Left = Readonly<{ fleet: boolean; groups: number }>

export type SupervisorEvent = Readonly<
  /** `settled`: every router accepts and every group has either come up or failed. */
  | { type: 'settled' | 'deadline' | 'fleet-ended' | 'group-ended'; at: Instant }
  | { type: 'stop'; at: Instant; until: Instant; groups: number }
  | { type: 'stop-now'; at: Instant; groups: number }
>

export type SupervisorEffect = Readonly<
  | { type: 'report-started' | 'terminate-routers' | 'terminate-groups' | 'finish' }
  /** `close-groups`: each group's patience with its requests ends after its own graceful-timeout, and by `until` at the latest. */
  | { type: 'drain-routers' | 'close-groups' | 'stop-groups'; until: Instant }
>

type Step = readonly [Supervisor, readonly SupervisorEffect[]]
const to = (state: Supervisor, ...effects: SupervisorEffect[]): Step => [state, effects]

/** Decides the order in which a server comes up and goes down. `finish` comes once, when nothing is left. */
export function reduceSupervisor(state: Supervisor, event: SupervisorEvent): Step {
  const since = event.at
  switch (state.phase) {
    case 'starting':
    case 'running':
      switch (event.type) {
        case 'settled':
          return state.phase === 'starting' ? to({ phase: 'running', since }, { type: 'report-started' }) : to(state)
        // Workers go on while the routers finish: what waits in their queues is served.
        case 'stop': {
          const { until, groups } = event
          return to(
            { phase: 'draining', since, until, left: { fleet: true, groups } },
            { type: 'drain-routers', until },
            { type: 'close-groups', until },
          )
        }
        case 'stop-now':
          return terminateAll(since, { fleet: true, groups: event.groups })
        case 'deadline':
        case 'fleet-ended':
        case 'group-ended':
          return to(state)
      }
    case 'draining':
      switch (event.type) {
        case 'fleet-ended':
        case 'deadline': {
          const left = { ...state.left, fleet: state.left.fleet && event.type !== 'fleet-ended' }
          return finished({ phase: 'stopping', since, left }, { type: 'stop-groups', until: state.until })
        }
        case 'stop-now':
          return terminateAll(since, state.left)
        case 'group-ended':
          return to({ ...state, left: fewer(state.left) })
        case 'settled':
        case 'stop':
          return to(state)
      }
    case 'stopping':
      switch (event.type) {
        case 'fleet-ended':
          return finished({ ...state, left: { ...state.left, fleet: false } })
        case 'group-ended':
          return finished({ ...state, left: fewer(state.left) })
        case 'stop-now':
          return to(state, { type: 'terminate-routers' }, { type: 'terminate-groups' })
        case 'settled':
        case 'stop':
        case 'deadline':
          return to(state)
      }
    case 'stopped':
      return to(state)
  }
}

/** When the supervisor next needs a `deadline` event. */
export function deadlineOfSupervisor(state: Supervisor): Instant | null {
  return state.phase === 'draining' ? state.until : null
}

function terminateAll(since: Instant, left: Left): Step {
  return to({ phase: 'stopping', since, left }, { type: 'terminate-routers' }, { type: 'terminate-groups' })
}

function finished(state: Extract<Supervisor, { left: Left }>, ...effects: SupervisorEffect[]): Step {
  if (state.left.fleet || state.left.groups > 0) return to(state, ...effects)
  return to({ phase: 'stopped', since: state.since }, ...effects, { type: 'finish' })
}

const fewer = (left: Left): Left => ({ ...left, groups: left.groups - 1 })
