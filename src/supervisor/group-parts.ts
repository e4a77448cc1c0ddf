// Puts the parts of a group, one for each application-group, together to what the status says of it. Pure.
import type { GroupStatus } from '../control/status-document.ts'
import type { Group } from '../lifecycle/group-state.ts'
import { publicGroupState, type PublicGroupState } from '../lifecycle/public-state.ts'

/** The state that an operator has to know of comes first. */
const gravity: readonly PublicGroupState[] = [
  'failing',
  'degraded',
  'stopping',
  'rolling',
  'starting',
  'running',
  'idle',
]
const exitsShown = 10

/** One status for each name, in the order in which the names first appear. */
export function joinParts(parts: readonly GroupStatus[]): readonly GroupStatus[] {
  const joined = new Map<string, GroupStatus>()
  for (const part of parts) {
    const known = joined.get(part.name)
    joined.set(part.name, known === undefined ? part : join(known, part))
  }
  return [...joined.values()]
}

/** The state of a group of these parts; at least one. */
export function stateOfParts(parts: readonly Readonly<{ state: Group }>[]): PublicGroupState {
  return gravestOf(parts.map(({ state }) => publicGroupState(state)))
}

function gravestOf(states: readonly PublicGroupState[]): PublicGroupState {
  return gravity.find((state) => states.includes(state)) ?? 'idle'
}

/** What is not named here is the same of each part. */
function join(a: GroupStatus, b: GroupStatus): GroupStatus {
  return {
    ...a,
    state: gravestOf([a.state, b.state]),
    generation: Math.max(a.generation, b.generation),
    processes: a.processes + b.processes,
    queue: a.queue + b.queue,
    requests: a.requests + b.requests,
    active: a.active + b.active,
    restarts: a.restarts + b.restarts,
    lastError: a.lastError ?? b.lastError,
    applications: [...a.applications, ...b.applications],
    workers: [...a.workers, ...b.workers],
    lastExits: [...a.lastExits, ...b.lastExits].sort((x, y) => (x.at < y.at ? -1 : 1)).slice(-exitsShown),
  }
}
