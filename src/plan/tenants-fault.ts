// What one tenant's directory can spoil among those of `for-each` is left out, his group or his applications in other groups: that is no error, or one
// tenant who renames a script could keep the server from starting and every other tenant from being reloaded.
import type { Diagnostic, Place } from '../config/diagnostics.ts'
import type { ApplicationConfiguration, GroupConfiguration } from '../config/group-configuration.ts'
import type { GroupPlan } from './plan.ts'
import { resolved, type Resolved } from './problem.ts'

/** `isLeftOut`: the group cannot run, and that is no error. `warnings`: what is left out of the configuration, and why. */
export type Tolerated = Readonly<{
  plan: Resolved<readonly GroupPlan[]>
  isLeftOut: boolean
  warnings: readonly Diagnostic[]
}>

/** @param plan makes the plan of a group with the applications that it has; called again with each that may spoil it, and without those that do */
export function tolerate(
  group: GroupConfiguration,
  plan: (group: GroupConfiguration) => Resolved<readonly GroupPlan[]>,
): Tolerated {
  const all = plan(group)
  if (all.ok || !all.diagnostics.every(isOfOneDirectory)) return { plan: all, isLeftOut: false, warnings: [] }
  const own = group.foundIn === null ? null : directoryOf(group.placeOf(['name']))
  const guests = all.diagnostics.filter((each) => directoryOf(each) !== own)
  const spoilt = new Set(guests.map(directoryOf))
  const isFaulty = (application: ApplicationConfiguration): boolean => {
    if (!spoilt.has(directoryOf(application.placeOf([])))) return false
    const alone = plan({ ...group, applications: [application] })
    return !alone.ok && alone.diagnostics.some((each) => spoilt.has(directoryOf(each)))
  }
  const applications = group.applications.filter((each) => !isFaulty(each))
  const rest = guests.length === 0 ? all : plan({ ...group, applications })
  const warnings = guests.map((each) => leavesOut(each, 'the application is left out'))
  if (rest.ok) return { plan: rest, isLeftOut: false, warnings }
  if (own === null || !rest.diagnostics.every(isOfOneDirectory)) return { plan: all, isLeftOut: false, warnings: [] }
  const faults = rest.diagnostics.map((each) => leavesOut(each, 'the group is left out'))
  return { plan: resolved([]), isLeftOut: true, warnings: [...warnings, ...faults] }
}

/** What can be wrong with one directory alone: its files, which are the tenant's to spoil, or its owner. */
const codesOfOneDirectory: ReadonlySet<string> = new Set<Diagnostic['code']>([
  ...(['unusable-path', 'unsafe-path', 'cannot-read', 'root-refused'] as const),
])

const isOfOneDirectory = ({ instance, code }: Diagnostic): boolean =>
  instance !== undefined && codesOfOneDirectory.has(code)

/** The directory of `for-each` that a text depends on; null: none. */
const directoryOf = ({ file, instance }: Place): string | null =>
  instance === undefined ? null : JSON.stringify([file, instance])

const leavesOut = (each: Diagnostic, what: string): Diagnostic => ({ ...each, what: `${each.what}; ${what}` })
