// What may be there only once: group names, routes, listeners, log files. Each double names both places.
import { renderPlace, type Diagnostic, type Place } from '../config/diagnostics.ts'
import type { Configuration } from '../config/configuration.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import type { ListenAddress } from '../config/listen.ts'
import { anyHost } from '../config/mount.ts'

/** A thing that may be there once: what makes it the same, where it stands, and what is said when it is not the first. */
type Claim = Readonly<{ key: string; placeOf: () => Place; code: Diagnostic['code']; what: string; cure: string }>

/** Every second claim on a name, a route, a listener or a log file. */
export function findDoubles({ server, groups }: Configuration): readonly Diagnostic[] {
  const { admin } = server
  const listeners = [
    ...server.listeners.flatMap(({ address }, index) => listenerClaims(address, () => placeOfListener(server, index))),
    ...(admin === null ? [] : listenerClaims(admin.address, () => server.placeOf(['admin', 'listen']))),
  ]
  return [groups.map(nameClaim), groups.flatMap(routeClaims), listeners, logClaims(server, groups)].flatMap(laterClaims)
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

function routeClaims({ applications }: GroupConfiguration): readonly Claim[] {
  return applications.flatMap(({ mount, match, hosts, aliases, placeOf }) =>
    [...(hosts.length === 0 ? [anyHost] : hosts), ...aliases].map((host) => ({
      key: `${host} ${match ?? mount}`,
      placeOf: () => placeOf([]),
      code: 'duplicate-route' as const,
      what: `${match === null ? `mount "${mount === '' ? '/' : mount}"` : `match "${match}"`} on ${host === anyHost ? 'any host' : `host "${host}"`} is also that of`,
      cure: `a request can go to only one application: change the ${match === null ? 'mount' : 'match'} or the hosts of one of the two`,
    })),
  )
}

/** The files in log-dir; a group with the name of another one, or of the server's log, is told of already. */
function logClaims(server: Configuration['server'], groups: readonly GroupConfiguration[]): readonly Claim[] {
  const own = server.accessLog === 'off' ? [] : [logClaim('access.log', () => server.placeOf(['access-log']))]
  const named = new Map(groups.map((group) => [group.name, group]))
  const theirs = [...named.values()].flatMap(({ name, accessLog, placeOf }) => [
    logClaim(`${name}.log`, () => placeOf(['name'])),
    ...(accessLog === null || accessLog === 'off'
      ? []
      : [logClaim(`${name}.access.log`, () => placeOf(['access-log']))]),
  ])
  return [...own, ...theirs]
}

function logClaim(file: string, placeOf: () => Place): Claim {
  return {
    ...{ key: file, placeOf, code: 'duplicate-log' },
    what: `the log ${file} is also that of`,
    cure: 'a file has the lines of one log: change the name of the group',
  }
}

// Of `listen: ADDRESS` there is no entry 0.
function placeOfListener({ placeOf }: Configuration['server'], index: number): Place {
  const entry = placeOf(['listen', index])
  return entry.line === null ? placeOf(['listen']) : entry
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
