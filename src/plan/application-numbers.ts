// Numbers the applications of a group, by which routers name them to workers. Pure.
//
// While a group rolls to a changed definition, workers of both serve: a number must mean the same application to both of them, so it is bound
// to host and mount (or match) and never given to another as long as the group lives.
import type { ApplicationPlan } from './plan.ts'

/** Numbers by host and mount. */
export type ApplicationNumbers = ReadonlyMap<string, number>

/** What makes an application the same one: where it begins. No two in a configuration have this in common. */
export const routeKey = ({ hosts, mount, match }: Pick<ApplicationPlan, 'hosts' | 'mount' | 'match'>): string =>
  JSON.stringify([match ?? mount, [...hosts].sort()])

/** The numbers of a group with those of applications that are new to it. */
export function numberApplications(
  known: ApplicationNumbers,
  applications: readonly ApplicationPlan[],
): ApplicationNumbers {
  const numbers = new Map(known)
  for (const application of applications) {
    const key = routeKey(application)
    if (!numbers.has(key)) numbers.set(key, numbers.size)
  }
  return numbers
}

/**
 * The list that a worker gets, indexed by number. The places of applications that the definition does not have (any more) are filled with one
 * that it has: no route leads there.
 */
export function placeApplications(
  numbers: ApplicationNumbers,
  applications: readonly ApplicationPlan[],
): readonly ApplicationPlan[] {
  const placed = new Map(applications.map((application) => [numbers.get(routeKey(application)), application]))
  const last = Math.max(-1, ...[...placed.keys()].map((number) => number ?? -1))
  const filler = applications[0]
  if (filler === undefined) return []
  return Array.from({ length: last + 1 }, (_, number) => placed.get(number) ?? filler)
}

/** An application with its number, as a route leads to it. */
export type NumberedApplication = ApplicationPlan & Readonly<{ number: number }>

/**
 * The applications of a definition that those who serve can all serve. What depends on the URL comes with each request: of that they have all that
 * any of them waits for, as the newest one says it where several do.
 *
 * @param serving the lists of applications of all generations whose workers get requests
 */
export function commonApplications(
  numbers: ApplicationNumbers,
  applications: readonly ApplicationPlan[],
  serving: readonly (readonly ApplicationPlan[])[],
): readonly NumberedApplication[] {
  return applications.flatMap((application) => {
    const key = routeKey(application)
    const number = numbers.get(key)
    const same = serving.flatMap((others) => others.filter((other) => routeKey(other) === key))
    return number !== undefined && same.length === serving.length
      ? [{ ...application, ...perRequest(application, same), number }]
      : []
  })
}

/** What routers add to a request for an application that the definitions which serve have at one and the same place. */
function perRequest(
  newest: ApplicationPlan,
  serving: readonly ApplicationPlan[],
): Pick<ApplicationPlan, 'capturedEnviron' | 'requireFile' | 'entry'> {
  const versions = [newest, ...serving]
  const captured = versions.toReversed().flatMap(({ capturedEnviron }) => Object.entries(capturedEnviron))
  const scripts = versions.filter(({ entry }) => entry.kind === 'captured-script')
  return {
    capturedEnviron: Object.fromEntries(captured),
    requireFile: versions.find(({ requireFile }) => requireFile !== null)?.requireFile ?? null,
    entry: (scripts[0] ?? newest).entry,
  }
}
