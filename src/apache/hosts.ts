// Virtual hosts → `hosts`, `aliases`, `listen`.
import type { Collected, Scope } from './collected.ts'
import type { Options, Remark, Value } from './draft.ts'

const hostName = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/

/** What the applications of a scope answer for; hosts that redirect to it are aliases. */
export function hostOptions(scope: Scope, scopes: readonly Scope[]): Options {
  const hosts = usable(scope.hosts)
  const first = hosts.find((host) => !host.startsWith('*'))
  if (scope.virtual === null || hosts.length === 0) return {}
  // The first host is where aliases lead.
  const ordered = first === undefined ? hosts : [first, ...hosts.filter((host) => host !== first)]
  const aliases = scopes
    .filter(({ redirect }) => redirect !== null && redirect.host === first)
    .flatMap(({ hosts: others }) => usable(others))
  return { hosts: ordered, ...(aliases.length > 0 && { aliases: [...new Set(aliases)] }) }
}

const usable = (hosts: readonly string[]): readonly string[] =>
  [...new Set(hosts)].filter((host) => hostName.test(host))

/** Names that cannot be carried over, redirections that lead nowhere, and what the first virtual host is besides. */
export function hostRemarks({ scopes, scripts }: Collected): readonly Remark[] {
  const virtual = scopes.filter((scope) => scope.virtual !== null)
  const names = virtual.flatMap(({ hosts, place }) =>
    hosts
      .filter((host) => !hostName.test(host))
      .map((host) => ({ place, text: `ServerName or ServerAlias ${host}`, why: 'a host is exact or "*." and a name' })),
  )
  const lost = virtual.flatMap(({ redirect }) =>
    redirect === null || scripts.some(({ scope }) => usable(scope.hosts)[0] === redirect.host)
      ? []
      : [{ place: redirect.place, text: `Redirect to ${redirect.host}`, why: 'no application answers for that host' }],
  )
  const [first, second] = virtual
  const served = first !== undefined && scripts.some(({ scope }) => scope === first) && usable(first.hosts).length > 0
  const standIn = !served || second === undefined ? [] : [fallback(first)]
  return [...names, ...lost, ...standIn]
}

const fallback = ({ place }: Scope): Remark => ({
  place,
  text: 'the first <VirtualHost>',
  why: 'it also answered for hosts that none of them names; now these get 404. Leave `hosts` of its applications out where that shall go on',
})

/** The listeners; undefined when the configuration names none. */
export function listenOption({ listens, scopes }: Collected): Value | undefined {
  if (listens.length === 0) return undefined
  return listens.map((written) => {
    const address = /^\d+$/.test(written) ? `0.0.0.0:${written}` : written
    const port = /(\d+)$/.exec(written)?.[1] ?? ''
    const pairs = scopes.flatMap(({ virtual, certificate, key }) => {
      if (certificate === null || virtual === null || !virtual.ports.some((each) => each === port)) return []
      return [{ certificate, key: key ?? certificate }]
    })
    const [only, ...more] = [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()]
    if (only === undefined) return { address }
    return { address, tls: more.length === 0 ? only : [only, ...more] }
  })
}
