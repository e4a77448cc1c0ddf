// What may be there only once: group names, routes, listeners. Each double names both places.
import { renderPlace, type Diagnostic, type Place } from '../config/diagnostics.ts'
import type { Configuration } from '../config/configuration.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import type { ListenAddress } from '../config/listen.ts'

/** A thing that may be there once: what makes it the same, where it stands, and what is said when it is not the first. */
type Claim = Readonly<{ key: string; placeOf: () => Place; code: Diagnostic['code']; what: string; cure: string }>

/** Every second claim on a name, a route or a listener. */
export function findDoubles({ server, groups }: Configuration): readonly Diagnostic[] {
  const listeners = server.listeners.flatMap((address, index) =>
    listenerClaims(address, () => server.placeOf(['listen', index])),
  )
  return [groups.map(nameClaim), groups.flatMap(routeClaims), listeners].flatMap(laterClaims)
}

function laterClaims(claims: readonly Claim[]): readonly Diagnostic[] {
  const first = new Map<string, Claim>()
  return claims.flatMap((claim) => {
    const { key, placeOf, code, what, cure } = claim
    const holder = first.get(key)
    if (holder) return [{ ...placeOf(), code, what: `${what} ${renderPlace(holder.placeOf())}`, cure }]
    first.set(key, claim)
    return []
  })
}

function nameClaim({ name, placeOf }: GroupConfiguration): Claim {
  return {
    key: name,
    placeOf: () => placeOf(['name']),
    code: 'duplicate-name',
    what: `group name "${name}" is also that of`,
    cure: 'a name stands for one group in logs and commands: change one of the two',
  }
}

function routeClaims({ applications, placeOf }: GroupConfiguration): readonly Claim[] {
  return applications.flatMap(({ mount, hosts }, index) =>
    (hosts.length === 0 ? [''] : hosts).map((host) => ({
      key: `${host} ${mount}`,
      placeOf: () => placeOf(['applications', index]),
      code: 'duplicate-route' as const,
      what: `mount "${mount === '' ? '/' : mount}" on ${host === '' ? 'any host' : `host "${host}"`} is also that of`,
      cure: 'a request can go to only one application: change the mount or the hosts of one of the two',
    })),
  )
}

// Port 0 is another port each time.
function listenerClaims(address: ListenAddress, placeOf: () => Place): readonly Claim[] {
  if (address.kind === 'tcp' && address.port === 0) return []
  return [
    {
      key: JSON.stringify(address),
      placeOf,
      code: 'duplicate-listener',
      what: 'this address is also that of',
      cure: 'an address can be bound only once: remove one of the two',
    },
  ]
}
