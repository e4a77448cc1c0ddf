// Who must own the scripts of a group, by number: script-user and script-group are names.
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { uid, type Gid, type Uid } from '../units.ts'
import { findAccount, findGroup, isNumber, type Facts } from './facts.ts'
import { partition, refused, resolved, type Resolved } from './problem.ts'

export type ScriptOwner = Readonly<{ scriptUser: Uid | null; scriptGroup: Gid | null }>
type Wanted = Pick<GroupConfiguration, 'scriptUser' | 'scriptGroup' | 'placeOf'>

/** Looks the two up; null where nothing is asked for. */
export function resolveScriptOwner(wanted: Wanted, facts: Facts): Resolved<ScriptOwner> {
  const user = wanted.scriptUser === null ? resolved(null) : ownerOf(wanted, wanted.scriptUser, facts)
  const group = wanted.scriptGroup === null ? resolved(null) : owningGroupOf(wanted, wanted.scriptGroup, facts)
  if (user.ok && group.ok) return resolved({ scriptUser: user.value, scriptGroup: group.value })
  return refused(...partition<unknown>([user, group]).diagnostics)
}

function ownerOf({ placeOf }: Wanted, name: string, facts: Facts): Resolved<Uid> {
  const found = findAccount(facts, name)?.uid ?? (isNumber(name) ? uid(Number(name)) : undefined)
  if (found !== undefined) return resolved(found)
  return refused({ ...placeOf(['script-user']), ...unknown('user', name) })
}

function owningGroupOf({ placeOf }: Wanted, name: string, facts: Facts): Resolved<Gid> {
  const found = findGroup(facts, name)
  return found ? resolved(found.gid) : refused({ ...placeOf(['script-group']), ...unknown('group', name) })
}

const unknown = (kind: string, name: string) =>
  ({
    code: 'unknown-account',
    what: `there is no ${kind} "${name}" on this machine`,
    cure: `mind the spelling, or give the number of the ${kind}`,
  }) as const
