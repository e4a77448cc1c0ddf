// Whom the workers of a group run as. Knows accounts only through facts; switches nothing.
import type { Diagnostic } from '../config/diagnostics.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { gid, uid, type Gid, type Uid } from '../units.ts'
import { findAccount, findGroup, groupNameOf, isNumber, type Account, type Facts } from './facts.ts'
import type { Identity } from './plan.ts'
import { partition, refused, resolved, type Resolved } from './problem.ts'

type Wanted = Pick<GroupConfiguration, 'placeOf' | 'user' | 'group' | 'supplementaryGroups'>

/** The account of a group without `user`, when wsgid runs as root. */
export const defaultUser = 'nobody'

/**
 * Whom a group runs as: as root the account that it names, never uid 0 and in no group with gid 0; else the current user, and naming anyone else is an error.
 */
export function resolveIdentity(wanted: Wanted, facts: Facts): Resolved<Identity> {
  return facts.process.uid === 0 ? chosenIdentity(wanted, facts) : ownIdentity(wanted, facts)
}

/** The identity of this process. */
export function currentIdentity(facts: Facts): Identity {
  const { uid: user, gid: group, groups } = facts.process
  return identityOf({ user, group, groups, account: facts.accountsByUid.get(user) }, facts)
}

/** Puts an identity together; what no account tells has the defaults of `Identity`. */
export function identityOf(
  parts: Readonly<{ user: Uid; group: Gid; groups: readonly Gid[]; account: Account | undefined }>,
  facts: Facts,
): Identity {
  const { user, group, groups, account } = parts
  return {
    uid: user,
    gid: group,
    groups: [...new Set([group, ...groups])].sort((a, b) => a - b),
    userName: account?.name ?? String(user),
    groupName: groupNameOf(facts, group),
    homeDirectory: account?.home ?? '/',
    shell: account?.shell ?? '/bin/sh',
  }
}

function chosenIdentity(wanted: Wanted, facts: Facts): Resolved<Identity> {
  const user = chosenUser(wanted, facts)
  const account = user.ok ? user.value.account : undefined
  const group = chosenGroup(wanted, account, facts)
  const further = furtherGroups(wanted, account, facts)
  if (user.ok && group.ok && further.ok)
    return resolved(identityOf({ user: user.value.user, group: group.value, groups: further.value, account }, facts))
  return refused(...partition<unknown>([user, user.ok ? group : resolved(null), further]).diagnostics)
}

function chosenUser({ placeOf, user = defaultUser }: Wanted, facts: Facts): Resolved<{ user: Uid; account?: Account }> {
  const account = findAccount(facts, user)
  if (!account && !isNumber(user)) return refused({ ...placeOf(['user']), ...noAccount('user', user) })
  const id = account?.uid ?? uid(Number(user))
  if (id !== 0) return resolved(account ? { user: id, account } : { user: id })
  return refused({
    ...placeOf(['user']),
    code: 'root-refused',
    what: `user "${user}" is root (uid 0)`,
    cure: 'a group never runs as root: give its applications an account of their own, for example with adduser --system',
  })
}

function chosenGroup({ placeOf, group, user }: Wanted, account: Account | undefined, facts: Facts): Resolved<Gid> {
  if (group === undefined && account) {
    return account.gid === 0
      ? refused({ ...placeOf(['user']), ...rootsGroup(`the primary group of user "${account.name}"`) })
      : resolved(account.gid)
  }
  if (group === undefined) return ownGroup(placeOf, Number(user), facts)
  const found = findGroup(facts, group)
  if (!found) return refused({ ...placeOf(['group']), ...noAccount('group', group) })
  return found.gid === 0 ? refused({ ...placeOf(['group']), ...rootsGroup(`group "${group}"`) }) : resolved(found.gid)
}

/** A uid without an account has the gid of the same number, as systemd does it, if that is no group's: it would gain its rights. */
function ownGroup(placeOf: Wanted['placeOf'], user: number, facts: Facts): Resolved<Gid> {
  const holder = facts.groupsByGid.get(user)
  if (!holder) return resolved(gid(user))
  return refused({
    ...placeOf(['user']),
    code: 'unknown-account',
    what: `uid ${user} has no account to tell its primary group, and gid ${user} is that of group "${holder.name}"`,
    cure: 'add group: with a group name or a gid',
  })
}

function furtherGroups(wanted: Wanted, account: Account | undefined, facts: Facts): Resolved<readonly Gid[]> {
  const { supplementaryGroups, placeOf } = wanted
  if (supplementaryGroups === undefined) return ownMemberships(wanted, account, facts)
  const found = partition(
    supplementaryGroups.map((name, index): Resolved<Gid> => {
      const group = findGroup(facts, name)
      const place = placeOf(['supplementary-groups', index])
      if (!group) return refused({ ...place, ...noAccount('group', name) })
      return group.gid === 0 ? refused({ ...place, ...rootsGroup(`group "${name}"`) }) : resolved(group.gid)
    }),
  )
  return found.diagnostics.length > 0 ? refused(...found.diagnostics) : resolved(found.values)
}

function ownMemberships({ placeOf }: Wanted, account: Account | undefined, facts: Facts): Resolved<readonly Gid[]> {
  const groups = account ? (facts.memberships.get(account.name) ?? []) : []
  // The primary group is among them; what is wrong with it is said once, by chosenGroup.
  if (!groups.some((id) => id === 0) || account?.gid === 0) return resolved(groups)
  return refused({ ...placeOf(['user']), ...rootsGroup(`a group of user "${account?.name ?? ''}"`) })
}

/** Much of a system belongs to root's group and is writable by it, and wsgid itself trusts what only that group can write (trust.ts). */
function rootsGroup(whose: string): Pick<Diagnostic, 'code' | 'what' | 'cure'> {
  return {
    code: 'root-refused',
    what: `${whose} is that of root (gid 0)`,
    cure: 'with it a tenant could change what belongs to the system: set group: and supplementary-groups: to others',
  }
}

function noAccount(kind: 'user' | 'group', name: string): Pick<Diagnostic, 'code' | 'what' | 'cure'> {
  const command = kind === 'user' ? `adduser --system --group ${name}` : `addgroup --system ${name}`
  return {
    code: 'unknown-account',
    what: `there is no ${kind} "${name}" on this machine`,
    cure: `mind the spelling, or create it: ${command}`,
  }
}

function ownIdentity(wanted: Wanted, facts: Facts): Resolved<Identity> {
  const identity = currentIdentity(facts)
  const others = [...otherUser(wanted, identity, facts), ...otherGroups(wanted, identity, facts)]
  return others.length > 0 ? refused(...others) : resolved(identity)
}

function otherUser({ placeOf, user }: Wanted, identity: Identity, facts: Facts): readonly Diagnostic[] {
  if (user === undefined || findUid(facts, user) === identity.uid) return []
  return [{ ...placeOf(['user']), ...notPermitted(`user "${user}"`, identity) }]
}

function otherGroups(wanted: Wanted, identity: Identity, facts: Facts): readonly Diagnostic[] {
  const { placeOf, group, supplementaryGroups = [] } = wanted
  const named = [
    ...(group === undefined ? [] : [{ name: group, path: ['group'], allowed: [identity.gid] }]),
    ...supplementaryGroups.map((name, index) => ({
      name,
      path: ['supplementary-groups', index],
      allowed: identity.groups,
    })),
  ]
  return named
    .filter(({ name, allowed }) => !allowed.some((id) => id === findGroup(facts, name)?.gid))
    .map(({ name, path }) => ({ ...placeOf(path), ...notPermitted(`group "${name}"`, identity) }))
}

function findUid(facts: Facts, user: string): number | undefined {
  return isNumber(user) ? Number(user) : findAccount(facts, user)?.uid
}

function notPermitted(whom: string, { userName, groupName }: Identity): Pick<Diagnostic, 'code' | 'what' | 'cure'> {
  return {
    code: 'not-permitted',
    what: `${whom} cannot be had: wsgid runs as ${userName}:${groupName}`,
    cure: 'only root can become another user: start wsgid as root, or remove the line',
  }
}
