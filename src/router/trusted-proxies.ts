// Which requests come through a trusted proxy, and what becomes of one then: whose it is, by which scheme and for which host. For all others the headers
// of proxies mean nothing; request-head.ts drops them.
import type { ClientRequest } from './client-message.ts'
import type { RouterSettings } from '../plan/plan.ts'
import { readForwarded, readXForwarded, type Forwarding } from './forwarding.ts'
import { Networks } from './networks.ts'
import { peerOf } from './peer.ts'
import { connectionVariables, splitHost, type Origin, type RequestFacts } from './request-head.ts'

/** A proxy that sends nonsense says so once in a while, not with each request. */
const complaintMs = 60_000

type Settings = Pick<RouterSettings, 'trustedProxies' | 'trustedProxyHeaders'>

export class TrustedProxies {
  readonly networks: Networks
  readonly #headers: ReadonlySet<string>
  readonly #complain: (text: string) => void
  #complainedAt = -Infinity

  constructor({ trustedProxies, trustedProxyHeaders }: Settings, complain: (text: string) => void) {
    this.networks = new Networks(trustedProxies)
    this.#headers = new Set(trustedProxyHeaders.map((name) => name.toLowerCase()))
    this.#complain = complain
  }

  /**
   * Completes what is known of a request by what the proxy says that it came through.
   *
   * @returns why its headers contradict each other, so that it cannot be said which of them the client has made up; "" when they do not
   */
  complete(request: ClientRequest, facts: RequestFacts): string {
    const { address } = peerOf(request.socket)
    if (!this.networks.has(address)) return ''
    const said = this.#collect(request.rawHeaders)
    if (said === undefined) return ''
    const trusts = (client: string): boolean => this.networks.has(client)
    const x = readXForwarded(said, trusts)
    const standard = readForwarded(said.forwarded, trusts)
    const conflict = conflictOf(x, standard)
    if (conflict !== '') return conflict
    const malformed = x.malformed || standard.malformed
    if (malformed !== '') this.#complainOf(address, malformed)
    const all = { ...x, ...withoutNulls(standard), text: x.text + standard.text + said.others }
    if (all.host !== null) facts.host = all.host
    facts.text += all.host === null ? all.text : `${all.text}HTTP_HOST\0${all.host}\0`
    facts.origin = originOf(request, facts.host, all)
    return ''
  }

  /** The headers that are believed, each as one text; undefined when there is none. */
  #collect(raw: readonly string[]) {
    const said = { for: '', proto: '', host: '', port: '', forwarded: '', others: '' }
    let some = false
    for (let index = 0; index < raw.length; index += 2) {
      const name = (raw[index] ?? '').toLowerCase()
      const value = raw[index + 1] ?? ''
      const field = FIELDS[name]
      if (field === undefined || (field !== 'others' && !this.#headers.has(name))) continue
      some = true
      if (field === 'others') said.others += `HTTP_${name.toUpperCase().replaceAll('-', '_')}\0${value}\0`
      else said[field] = said[field] === '' ? value : `${said[field]}, ${value}`
    }
    return some ? said : undefined
  }

  #complainOf(address: string, malformed: string): void {
    const now = performance.now()
    if (now - this.#complainedAt < complaintMs) return
    this.#complainedAt = now
    this.#complain(
      `the trusted proxy ${address || 'on a Unix socket'} sent what cannot be read, and was ignored: ${malformed.slice(0, 200)}`,
    )
  }
}

/** What each header is about; `others` are passed on as they are. */
const FIELDS: Readonly<Record<string, 'for' | 'proto' | 'host' | 'port' | 'forwarded' | 'others'>> = {
  'x-forwarded-for': 'for',
  'x-forwarded-proto': 'proto',
  'x-forwarded-host': 'host',
  'x-forwarded-port': 'port',
  forwarded: 'forwarded',
  'x-forwarded-prefix': 'others',
  'x-forwarded-server': 'others',
  'x-script-name': 'others',
  'x-forwarded-script-name': 'others',
}

function conflictOf(x: Forwarding, standard: Forwarding): string {
  const conflicts = (['client', 'scheme', 'host'] as const).filter(
    (key) => x[key] !== null && standard[key] !== null && x[key].toLowerCase() !== standard[key].toLowerCase(),
  )
  if (conflicts.length === 0) return ''
  return `Forwarded and X-Forwarded-* of a trusted proxy name another ${conflicts.join(' and ')}: name in trusted-proxy-headers those that it sets`
}

function withoutNulls(forwarding: Forwarding): Partial<Forwarding> {
  return Object.fromEntries(Object.entries(forwarding).filter(([, value]) => value !== null))
}

function originOf(request: ClientRequest, host: string, said: Forwarding): Origin {
  const { client, clientPort, scheme, port } = said
  const { address, localAddress, localPort } = peerOf(request.socket)
  const authority = splitHost(host)
  const usual = scheme === null ? (localPort ?? 80) : scheme === 'https' ? 443 : 80
  const connection = connectionVariables(request.socket)
  const text =
    `SERVER_NAME\0${authority.name.toLowerCase() || localAddress || 'localhost'}\0` +
    `SERVER_PORT\0${port ?? (authority.port === '' ? usual : authority.port)}\0` +
    (client === null ? connection : withClient(connection, client, clientPort)) +
    (scheme === null ? '' : schemeVariables(scheme, connection))
  return { client: client ?? address, scheme, text }
}

/** The port of a proxy's connection is not the client's. */
function withClient(connection: string, client: string, port: number | null): string {
  const remotePort = port === null ? '' : `REMOTE_PORT\0${port}\0`
  return `REMOTE_ADDR\0${client}\0${remotePort}${connection.slice(connection.indexOf('SERVER_ADDR\0'))}`
}

/** The proxy's word counts also for a connection that is secured itself. */
function schemeVariables(scheme: string, connection: string): string {
  const https = scheme === 'https' ? 'HTTPS\0on\0' : connection.includes('\0HTTPS\0on\0') ? 'HTTPS\0off\0' : ''
  return `REQUEST_SCHEME\0${scheme}\0wsgi.url_scheme\0${scheme}\0${https}`
}
