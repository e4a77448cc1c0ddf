// Where the server tells metrics and health, with the group that may ask looked up.
import type { ServerConfiguration } from '../config/configuration.ts'
import { findGroup, type Facts } from './facts.ts'
import type { AddressPlan, AdminPlan } from './plan.ts'
import { refused, resolved, type Resolved } from './problem.ts'

/** @returns null: nowhere */
export function planAdmin(
  { admin, listeners, placeOf }: Pick<ServerConfiguration, 'admin' | 'listeners' | 'placeOf'>,
  facts: Facts,
): Resolved<AdminPlan | null> {
  if (admin === null) return resolved(null)
  const { address, group } = admin
  if (address.kind === 'unix' && listeners.some((other) => isPath(other.address, address.path)))
    return refused({
      ...placeOf(['admin', 'listen']),
      code: 'invalid-value',
      what: `admin and clients cannot both connect to "unix:${address.path}"`,
      cure: 'give one of them another path',
    })
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

const isPath = (address: AddressPlan, path: string): boolean => address.kind === 'unix' && address.path === path
