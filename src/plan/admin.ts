// Where the server tells metrics and health, with the group that may ask looked up.
import type { ServerConfiguration } from '../config/configuration.ts'
import { findGroup, type Facts } from './facts.ts'
import type { AdminPlan } from './plan.ts'
import { refused, resolved, type Resolved } from './problem.ts'

/** @returns null: nowhere */
export function planAdmin(
  { admin, placeOf }: Pick<ServerConfiguration, 'admin' | 'placeOf'>,
  facts: Facts,
): Resolved<AdminPlan | null> {
  if (admin === null) return resolved(null)
  const { address, group } = admin
  if (group === null) return resolved({ address, gid: null })
  const place = placeOf(['admin', 'group'])
  const gid = findGroup(facts, group)?.gid
  if (gid === undefined)
    return refused({
      ...place,
      code: 'unknown-account',
      what: `there is no group "${group}" on this machine`,
      cure: `mind the spelling, or create it: addgroup --system ${group}`,
    })
  const { uid, gid: own, groups } = facts.process
  if (uid === 0 || own === gid || groups.includes(gid)) return resolved({ address, gid })
  return refused({
    ...place,
    code: 'not-permitted',
    what: `the socket cannot be given to group "${group}": the user that wsgid runs as is not in it`,
    cure: 'start wsgid as root, or remove the line',
  })
}
