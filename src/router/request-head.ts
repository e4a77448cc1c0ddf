// The head of a request as the worker gets it: CGI variables in latin-1 text, separated by NUL (docs/protocol.md). The hot path of
// the router: one pass over the raw headers, no objects but the text.
import type { Socket } from 'node:net'
import type { ClientRequest } from './client-message.ts'
import { peerOf } from './peer.ts'
import { schemeVariables } from './tls-variables.ts'

/** What the pass over the headers found out besides the text. */
export type RequestFacts = {
  /** The CGI variables of the headers, each "KEY\0value\0" */
  text: string
  /** Host header as sent, or the authority of an absolute target; "" without one. */
  host: string
  hasHost: boolean
  /** The client would rather speak something else. */
  upgrade: boolean
  /** Content-Length: -1 without one. */
  contentLength: number
  chunked: boolean
  /** Expect header; "" without. */
  expect: string
  /** Why the request could be understood in two ways; "" when it cannot (RFC 9110 §7.2, RFC 9112 §3.2: 400). */
  ambiguous: string
  /** null: the connection tells. */
  origin: Origin | null
}

/** Where a request comes from and what it was meant for by the word of a trusted proxy; `text` as that of connection and server. */
export type Origin = Readonly<{ client: string; scheme: 'http' | 'https' | null; text: string }>

/**
 * Turns raw headers into CGI variables (RFC 3875 §4.1.18; research/mod_wsgi.md §3.1): names upper-cased, "-" to "_". Dropped: names with any
 * character outside of [A-Za-z0-9-] (so that "X_User" cannot pass for "X-User"), `Proxy` (httpoxy) and `Proxy-Authorization`. Repeated ones are joined
 * by ", ", cookies by "; ".
 *
 * @param raw name, value, name, value… as the parser gives them
 */
export function readHeaders(raw: readonly string[]): RequestFacts {
  const facts = noFacts()
  serial = (serial + 1) | 0
  for (let index = 0; index < raw.length; index += 2) {
    const field = fieldOf(raw[index] ?? '')
    const value = raw[index + 1] ?? ''
    if (field.key === '') continue
    if (field.seen === serial) return readRepeatedHeaders(raw)
    field.seen = serial
    note(facts, field, value)
    if (field.role !== ROLE_LENGTH || !facts.chunked) facts.text += `${field.key}\0${value}\0`
  }
  return facts
}

/** Of a request without headers. */
function noFacts(): RequestFacts {
  return {
    text: '',
    host: '',
    hasHost: false,
    upgrade: false,
    contentLength: -1,
    chunked: false,
    expect: '',
    ambiguous: '',
    origin: null,
  }
}

/** The slow way, for the rare request that repeats a header. */
function readRepeatedHeaders(raw: readonly string[]): RequestFacts {
  const facts = noFacts()
  const values = new Map<Field, string>()
  for (let index = 0; index < raw.length; index += 2) {
    const field = fieldOf(raw[index] ?? '')
    const value = raw[index + 1] ?? ''
    if (field.key === '') continue
    const before = values.get(field)
    if (before !== undefined && SINGLE.has(field.key)) facts.ambiguous = `the header ${field.key} comes twice`
    values.set(field, before === undefined ? value : `${before}${field.role === ROLE_COOKIE ? '; ' : ', '}${value}`)
  }
  for (const [field, value] of values) {
    note(facts, field, value)
    facts.text += `${field.key}\0${value}\0`
  }
  return facts
}

/** Fields that say what the request is or where it goes: a second one is an attempt to be read differently by somebody else. */
const SINGLE = new Set(['HTTP_HOST', 'CONTENT_TYPE', 'CONTENT_LENGTH', 'HTTP_AUTHORIZATION'])

function note(facts: RequestFacts, field: Field, value: string): void {
  if (field.role === ROLE_NONE) return
  if (field.role === ROLE_HOST) {
    facts.host = value
    facts.hasHost = true
  } else if (field.role === ROLE_LENGTH) {
    facts.contentLength = Number(value)
    if (facts.contentLength > Number.MAX_SAFE_INTEGER) facts.ambiguous = 'Content-Length is beyond all numbers'
  } else if (field.role === ROLE_TRANSFER) {
    facts.chunked = true
    // What the parser calls chunked may be coded in other ways below, or have no body at all (an empty value).
    if (value.toLowerCase() !== 'chunked') facts.ambiguous = 'Transfer-Encoding is something else than chunked'
  } else if (field.role === ROLE_UPGRADE) facts.upgrade = true
  else if (field.role === ROLE_EXPECT) facts.expect = value
}

/** The authority of an absolute target is the host, whatever the Host header says (RFC 9112 §3.2.2). */
export function overrideHost(facts: RequestFacts, authority: string): void {
  const others = facts.hasHost ? `\0${facts.text}`.replace(`\0HTTP_HOST\0${facts.host}\0`, '\0').slice(1) : facts.text
  facts.text = `HTTP_HOST\0${authority}\0${others}`
  facts.host = authority
}

const ROLE_NONE = 0
const ROLE_HOST = 1
const ROLE_LENGTH = 2
const ROLE_TRANSFER = 3
const ROLE_COOKIE = 4
const ROLE_UPGRADE = 5
const ROLE_EXPECT = 6

/** One header name as spelt by clients; `seen` is the number of the last request that had it, to notice repetitions. */
type Field = { key: string; role: number; seen: number }

const ROLES: Readonly<Record<string, number>> = {
  host: ROLE_HOST,
  'content-length': ROLE_LENGTH,
  'transfer-encoding': ROLE_TRANSFER,
  cookie: ROLE_COOKIE,
  upgrade: ROLE_UPGRADE,
  expect: ROLE_EXPECT,
}

let serial = 0
const fields = new Map<string, Field>()
const byKey = new Map<string, Field>()
/** Clients choose names, so what is remembered of them has an end. */
const REMEMBERED_FIELDS = 2048

function fieldOf(name: string): Field {
  const known = fields.get(name)
  if (known) return known
  if (fields.size >= REMEMBERED_FIELDS) {
    fields.clear()
    byKey.clear()
  }
  const lower = name.toLowerCase()
  const field = byKey.get(lower) ?? { key: cgiKey(lower), role: ROLES[lower] ?? ROLE_NONE, seen: 0 }
  // Every spelling of a name shares one field, or "Cookie" and "cookie" in one request would not count as repeated.
  byKey.set(lower, field)
  fields.set(name, field)
  return field
}

/** httpoxy; and what is meant for a proxy (RFC 9110 §11.7.2), not for an application. */
const NEVER_PASSED = new Set(['proxy', 'proxy-authorization'])

/** By these a proxy speaks of its client. Only trusted ones are heard, see trusted-proxies.ts; the list is mod_wsgi's and Forwarded's. */
const OF_PROXIES = new Set([
  'forwarded',
  ...['x-forwarded-for', 'x-client-ip', 'x-real-ip', 'x-forwarded-host', 'x-host', 'x-forwarded-server'],
  ...['x-forwarded-port', 'x-script-name', 'x-forwarded-script-name', 'x-forwarded-prefix', 'x-forwarded-proto'],
  ...['x-forwarded-scheme', 'x-scheme', 'x-forwarded-https', 'x-forwarded-ssl', 'x-https'],
])

function cgiKey(lower: string): string {
  if (lower === 'content-type') return 'CONTENT_TYPE'
  if (lower === 'content-length') return 'CONTENT_LENGTH'
  if (NEVER_PASSED.has(lower) || OF_PROXIES.has(lower) || !/^[a-z0-9-]+$/.test(lower)) return ''
  return `HTTP_${lower.toUpperCase().replaceAll('-', '_')}`
}

const connectionText = Symbol('what every request of a connection has in common')
type ClientSocket = Socket & { [connectionText]?: string }
/** Connections so far, and what tells those of one router from those of another. */
let connections = 0
const connectionPrefix = `${process.pid.toString(36)}-`

/** REMOTE_*, SERVER_ADDR, the scheme and the connection's number: the same for all requests of a connection, made once. */
export function connectionVariables(socket: Socket): string {
  const client: ClientSocket = socket
  const known = client[connectionText]
  if (known !== undefined) return known
  connections += 1
  const { address, port, localAddress, localPort } = peerOf(socket)
  const text =
    `REMOTE_ADDR\0${address}\0REMOTE_PORT\0${port ?? ''}\0` +
    `SERVER_ADDR\0${localAddress}\0${schemeVariables(socket)}` +
    `mod_wsgi.connection_id\0${connectionPrefix}${connections.toString(36)}\0` +
    `mod_wsgi.listener_host\0${localAddress}\0mod_wsgi.listener_port\0${localPort ?? ''}\0`
  client[connectionText] = text
  return text
}

/** The parts of a head that do not come from the headers. */
export type RequestLine = Readonly<{
  application: number
  requestId: string
  scriptName: string
  pathInfo: string
  query: string
  /** Further pairs, each "KEY\0value\0". */
  variables: string
}>

/** Joins everything to the head of a REQUEST frame. Every value is latin-1 and without NUL: the parser and parseTarget see to it. */
export function requestHead(request: ClientRequest, line: RequestLine, facts: RequestFacts): string {
  return (
    `${line.application}\0${line.requestId}\0REQUEST_METHOD\0${request.method ?? ''}\0SCRIPT_NAME\0${line.scriptName}\0` +
    `PATH_INFO\0${line.pathInfo}\0QUERY_STRING\0${line.query}\0REQUEST_URI\0${request.url ?? ''}\0` +
    (facts.origin === null
      ? serverVariables(facts.host, request) + connectionVariables(request.socket)
      : facts.origin.text) +
    facts.text +
    line.variables +
    `SERVER_PROTOCOL\0HTTP/${request.httpVersion}\0mod_wsgi.request_start\0${epochSeconds()}`
  )
}

/** When a request whose body had to arrive first came into its group's queue: goes behind its head. */
export function queueStart(): string {
  return `\0mod_wsgi.queue_start\0${epochSeconds()}`
}

let lastInstant = 0
let lastSeconds = ''

/** Now in seconds since 1970, to the millisecond, as text. */
function epochSeconds(): string {
  const now = Date.now()
  if (now !== lastInstant) {
    lastInstant = now
    lastSeconds = String(now / 1000)
  }
  return lastSeconds
}

/** Whether a Host header, or an authority, is one: a name, an address or nothing, with a port or without (RFC 9112 §3.2). */
export function isHost(text: string): boolean {
  return /^(?:[A-Za-z0-9._~-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/.test(text)
}

/**
 * The head of a request whose user the router knows: with REMOTE_USER and AUTH_TYPE, and without the header that proved it, which is not for the application.
 */
export function withLogin(head: string, { user, type }: Readonly<{ user: string; type: string }>): string {
  const fields = head.split('\0')
  // Behind application and request id come name and value in turn.
  const proof = fields.findIndex((field, index) => index % 2 === 0 && field === 'HTTP_AUTHORIZATION')
  if (proof >= 0) fields.splice(proof, 2)
  return `${fields.join('\0')}\0REMOTE_USER\0${user}\0AUTH_TYPE\0${type}`
}

let lastHost = ''
let lastPort = 0
let lastServerText = ''

/**
 * SERVER_NAME and SERVER_PORT from the Host header, else from the socket (Apache's UseCanonicalName Off). The last answer is
 * kept: consecutive requests mostly name the same host.
 */
function serverVariables(host: string, request: ClientRequest): string {
  const { localAddress, localPort: boundPort } = peerOf(request.socket)
  const localPort = boundPort ?? 80
  if (host !== lastHost || localPort !== lastPort) {
    const { name, port } = splitHost(host)
    lastHost = host
    lastPort = localPort
    lastServerText =
      `SERVER_NAME\0${name === '' ? localAddress || 'localhost' : name.toLowerCase()}\0` +
      `SERVER_PORT\0${port === '' ? localPort : port}\0`
  }
  return lastServerText
}

/** Name and port of a Host header; an IPv6 literal keeps its brackets. Port "" without one. */
export function splitHost(host: string): { name: string; port: string } {
  const colon = host.lastIndexOf(':')
  if (colon < 0 || host.endsWith(']')) return { name: host, port: '' }
  return { name: host.slice(0, colon), port: host.slice(colon + 1) }
}
