// Names of virtual hosts, and where some of them are sent → `hosts` and `aliases`.
import type { Collected, Scope } from './collected.ts'
import type { Options, Remark } from './draft.ts'

const hostName = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^\[[0-9a-f:.]+\]$/
const isUsable = (host: string): boolean => host === '*' || hostName.test(host)
const isExact = (host: string): boolean => !host.startsWith('*')

/** What the applications of a scope answer for; hosts that redirect to it are aliases. The name that they lead to stands first. */
export function hostOptions(scope: Scope, { scopes }: Collected, defaultHost: Scope | undefined): Options {
  if (scope.virtual === null) return {}
  const names = [...new Set(scope.hosts.filter(isUsable))]
  if (names.length === 0 || names[0] === '*') return {}
  const hosts = [...names.filter(isExact), ...names.filter((host) => !isExact(host) && host !== '*')]
  const isDefault = scope === defaultHost || names.includes('*')
  const aliases = scopes
    .filter((each) => isAliasOf(each, hosts[0]))
    .flatMap((each) => each.hosts.filter((host) => hostName.test(host) && !hosts.includes(host)))
  return { hosts: isDefault ? [...hosts, '*'] : hosts, ...(aliases.length > 0 && { aliases: [...new Set(aliases)] }) }
}

/** Whether a virtual host is there only to send its clients to another one. */
function isAliasOf({ redirection, hosts }: Scope, host: string | undefined): boolean {
  return redirection !== null && redirection.host !== null && redirection.host === host && !hosts.includes(host)
}

/**
 * The virtual host that answers where no name fits, if that can be carried over: the first, as long as each other one answers for all of its own
 * paths, which would be looked for here else, and the main server has no applications, which would be mixed with its own.
 */
export function defaultHostOf({ scopes: [main, ...virtual], scripts }: Collected): Scope | undefined {
  const has = (scope: Scope | undefined): boolean => scripts.some((each) => each.scope === scope)
  const hasRoot = (scope: Scope): boolean =>
    scope.redirection !== null || scripts.some((each) => each.scope === scope && each.url === '/' && !each.isPattern)
  const first = virtual.find(({ redirection }) => redirection === null)
  if (first === undefined || !has(first) || has(main)) return undefined
  return virtual.every((scope) => scope === first || hasRoot(scope)) ? first : undefined
}

/** Names that cannot be carried over, redirections that lead nowhere, and a first virtual host that does not answer for all. */
export function hostRemarks(found: Collected, toHttps: ReadonlySet<Scope>): readonly Remark[] {
  const { scopes, scripts } = found
  const virtual = scopes.filter((scope) => scope.virtual !== null)
  const names = virtual.flatMap(({ hosts, place }) =>
    hosts
      .filter((host) => !isUsable(host))
      .map((host) => ({ place, text: `ServerName or ServerAlias ${host}`, why: 'a host is exact or "*." and a name' })),
  )
  const served = scripts.map(({ scope }) => scope.hosts.find(isExact))
  const lost = virtual.flatMap((scope) => {
    const { redirection } = scope
    if (redirection === null || toHttps.has(scope)) return []
    const { host, directive, isPermanent } = redirection
    const { place, text } = directive
    if (host === null || !isAliasOf(scope, host))
      return [{ place, text, why: 'only a listener as a whole can send its clients to https' }]
    if (!served.includes(host)) return [{ place, text, why: `no application answers for ${host}` }]
    return isPermanent ? [] : [{ place, text, why: 'it is carried over as a permanent redirection' }]
  })
  const [first] = virtual
  const isMissed = first?.redirection === null && served.length > 0 && defaultHostOf(found) === undefined
  const standIn =
    isMissed && scripts.some(({ scope }) => scope === first)
      ? [{ place: first.place, text: first.virtual?.text ?? '', why: 'it also answered for hosts that nobody names' }]
      : []
  return [...names, ...lost, ...standIn]
}
