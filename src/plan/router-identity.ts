// Whom the routers run as: nobody whose processes a tenant could touch, and nobody with a tenant's rights.
import { renderPlace, type Diagnostic, type Place } from '../config/diagnostics.ts'
import type { ServerConfiguration } from '../config/configuration.ts'
import { gid, uid } from '../units.ts'
import { findAccount, isNumber, type Facts } from './facts.ts'
import { identityOf, resolveIdentity } from './identity.ts'
import type { Identity } from './plan.ts'
import { refused, resolved, type Resolved } from './problem.ts'

/** The accounts that routers try without `user`, in this order. */
export const routerAccounts: readonly string[] = ['wsgid', 'www-data', 'nobody']

// systemd hands out 61184–65519 to services without an account of their own (systemd.exec(5), DynamicUser=).
const dynamicIds = { first: 61_184, last: 65_519 }

/** The ids to try when no account is left; a few would do, as facts look each of them up. */
export const spareIds: readonly number[] = Array.from({ length: 32 }, (_, index) => dynamicIds.first + index)

/** A group's identity and where it was asked for. */
export type Tenant = Readonly<{ identity: Identity; name: string; placeOf: () => Place }>

/**
 * Chooses the routers' identity. As root neither its uid nor its gid belongs to a group: a tenant with the routers' uid could
 * trace them, one with their gid could reach the sockets of other tenants. Supplementary groups: none.
 * Not root: the current user.
 */
export function resolveRouterIdentity(
  server: Pick<ServerConfiguration, 'user' | 'placeOf'>,
  tenants: readonly Tenant[],
  facts: Facts,
): Resolved<Identity> {
  if (facts.process.uid === 0 && server.user === undefined) return freeIdentity(server, tenants, facts)
  const named = resolveIdentity({ ...server, group: groupOf(server, facts), supplementaryGroups: [] }, facts)
  if (!named.ok || facts.process.uid !== 0) return named
  const tenant = tenants.find((each) => isShared(named.value, each))
  return tenant ? refused({ ...server.placeOf(['user']), ...shared(named.value, tenant) }) : named
}

// A uid without an account has the gid of the same number, as systemd does it.
function groupOf({ user }: Pick<ServerConfiguration, 'user'>, facts: Facts): string | undefined {
  return user !== undefined && isNumber(user) && !findAccount(facts, user) ? user : undefined
}

function freeIdentity(
  { placeOf }: Pick<ServerConfiguration, 'placeOf'>,
  tenants: readonly Tenant[],
  facts: Facts,
): Resolved<Identity> {
  const free = [...accountIdentities(facts), ...spareIdentities(facts)].find(
    (identity) => !tenants.some((tenant) => isShared(identity, tenant)),
  )
  if (free) return resolved(free)
  return refused({
    ...placeOf(['user']),
    code: 'shared-identity',
    what: `no account is free for the routers: the groups have ${routerAccounts.join(', ')} and the spare uids`,
    cure: 'create an account for them, adduser --system --group wsgid, and set user: wsgid',
  })
}

function accountIdentities(facts: Facts): readonly Identity[] {
  return routerAccounts.flatMap((name) => {
    const account = facts.accountsByName.get(name)
    if (!account || account.uid === 0 || account.gid === 0) return []
    return [identityOf({ user: account.uid, group: account.gid, groups: [], account }, facts)]
  })
}

function spareIdentities(facts: Facts): readonly Identity[] {
  return spareIds
    .filter((id) => !facts.accountsByUid.has(id) && !facts.groupsByGid.has(id))
    .map((id) => identityOf({ user: uid(id), group: gid(id), groups: [], account: undefined }, facts))
}

function isShared(router: Identity, { identity }: Tenant): boolean {
  return router.uid === identity.uid || router.gid === identity.gid || identity.groups.includes(router.gid)
}

function shared(router: Identity, { identity, name, placeOf }: Tenant): Pick<Diagnostic, 'code' | 'what' | 'cure'> {
  const what = router.uid === identity.uid ? `uid ${router.uid}` : `group "${router.groupName}"`
  return {
    code: 'shared-identity',
    what: `user "${router.userName}" of the routers shares ${what} with group ${name} (${renderPlace(placeOf())})`,
    cure: 'a tenant with it could reach the sockets of the others: give the routers an account of their own, such as wsgid',
  }
}
