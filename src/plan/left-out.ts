// Groups that a reload leaves out, since they cannot run as they are configured now. Pure.
import type { ServerPlan } from './plan.ts'

/**
 * The wanted plan with what runs of the groups that are left out of it: their workers have done nothing wrong yet.
 *
 * @param leftOut names of groups, of which there may be several parts
 */
export function withRunning(wanted: ServerPlan, running: ServerPlan, leftOut: readonly string[]): ServerPlan {
  const kept = running.groups.filter(({ processGroup }) => leftOut.includes(processGroup))
  return kept.length === 0 ? wanted : { ...wanted, groups: [...wanted.groups, ...kept] }
}
