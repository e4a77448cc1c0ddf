// Listen, certificates, and virtual hosts that only send to https → `listen`.
import type { Collected, Scope } from './collected.ts'
import type { Remark, Value } from './draft.ts'

type Listeners = Readonly<{
  /** undefined: the configuration names none. */
  listen: readonly Value[] | undefined
  /** Virtual hosts that are nothing but a listener's redirection. */
  toHttps: ReadonlySet<Scope>
  remarks: readonly Remark[]
}>

export function listenersOf(found: Collected): Listeners {
  const toHttps = new Set<Scope>()
  const remarks: Remark[] = []
  const plain: string[] = []
  const listen = found.listens.map(({ address: written, isSecure, directive: { place, text } }): Value => {
    const port = /(\d+)$/.exec(written)?.[1] ?? ''
    const address = /^(?:\*:)?\d+$/.test(written) ? `0.0.0.0:${port}` : written
    const pairs = pairsOf(port, isSecure, found)
    const [pair, ...more] = pairs
    if (pair !== undefined) return { address, tls: more.length === 0 ? pair : pairs }
    if (isSecure || port === '443')
      remarks.push({ place, text, why: 'there is no certificate for it: it is plain HTTP' })
    const redirections = scopesOn(port, found).filter((scope) => isToHttps(scope, found))
    if (redirections.length === 0 || redirections.length < scopesOn(port, found).length) {
      plain.push(port)
      return { address }
    }
    for (const each of redirections) toHttps.add(each)
    const target = redirections[0]?.redirection?.port ?? 443
    return { address, 'redirect-to-https': { status: 301, port: target } }
  })
  return {
    listen: listen.length === 0 ? undefined : listen,
    toHttps,
    remarks: [...remarks, ...oneForAll(found, toHttps)],
  }
}

const scopesOn = (port: string, { scopes }: Collected): readonly Scope[] =>
  scopes.filter(({ virtual }) => virtual?.ports.some((each) => each === port || each === '*') === true)

type Pair = Readonly<{ certificate: string; key: string }>

/** Certificates of virtual hosts; those of the main server where they have none, or there are none. */
function pairsOf(port: string, isSecure: boolean, found: Collected): readonly Pair[] {
  const [main] = found.scopes
  const virtual = scopesOn(port, found)
  const scopes = virtual.length === 0 && main !== undefined ? [main] : virtual
  const pairs = scopes.flatMap(({ tls, certificates, keys }): readonly Pair[] => {
    if (!tls && !isSecure && main?.tls !== true) return []
    const own =
      certificates.length > 0
        ? { certificates, keys }
        : { certificates: main?.certificates ?? [], keys: main?.keys ?? [] }
    return own.certificates.map((certificate, index) => ({ certificate, key: own.keys[index] ?? certificate }))
  })
  return [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()]
}

/** Whether a virtual host only sends its clients to the same host by https. */
function isToHttps(scope: Scope, { scripts }: Collected): boolean {
  const { redirection, hosts } = scope
  if (redirection?.scheme !== 'https' || scripts.some((each) => each.scope === scope)) return false
  return redirection.host === null || hosts.includes(redirection.host)
}

/** Virtual hosts that answered on one of several ports only. */
function oneForAll(found: Collected, toHttps: ReadonlySet<Scope>): readonly Remark[] {
  const serving = found.scopes.filter(
    (scope) => scope.virtual !== null && found.scripts.some((each) => each.scope === scope),
  )
  const portsOf = (scope: Scope): readonly string[] =>
    found.scopes.filter(({ hosts }) => hosts[0] === scope.hosts[0]).flatMap(({ virtual }) => virtual?.ports ?? [])
  const ports = found.listens
    .map(({ address }) => /(\d+)$/.exec(address)?.[1] ?? '')
    .filter((port) => ![...toHttps].some(({ virtual }) => virtual?.ports.includes(port)))
  const why = 'its applications answer on every listener'
  return serving.flatMap((scope) => {
    const own = portsOf(scope)
    const isEverywhere = own.includes('*') || ports.every((port) => own.includes(port))
    return isEverywhere ? [] : [{ place: scope.place, text: scope.virtual?.text ?? '', why }]
  })
}
