// What X-Forwarded-* and Forwarded (RFC 7239) say of a client, as far as it can be believed: read from the right, where the nearest proxy writes, for as long
// as the address that is named is a trusted proxy's itself. Pure.
import { isIP, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/** What trusted proxies say; null where they say nothing. */
export type Forwarding = {
  client: string | null
  clientPort: number | null
  scheme: 'http' | 'https' | null
  /** As a Host header. */
  host: string | null
  port: number | null
  /** CGI variables of the headers that were believed, without what stood to the left of it. */
  text: string
  /** The first value that could not be read; "" when all could. */
  malformed: string
}

export type Trusts = (address: string) => boolean

/** The values of X-Forwarded-For, -Proto, -Host and -Port; "" without. Several lines of one are joined by commas. */
export type ForwardedFields = Readonly<{ for: string; proto: string; host: string; port: string }>

const nothing = (): Forwarding => ({
  ...{ client: null, clientPort: null, scheme: null, host: null, port: null },
  ...{ text: '', malformed: '' },
})

/**
 * Reads the X-Forwarded-* headers of a trusted peer. X-Forwarded-For is walked from the right over trusted addresses; of the others, where they are lists,
 * the element counts that the same proxy has written. What cannot be read is ignored, with all to the left of it.
 */
export function readXForwarded(fields: ForwardedFields, trusts: Trusts): Forwarding {
  const found = nothing()
  const hops = fields.for === '' ? 1 : walkAddresses(elementsOf(fields.for), trusts, found)
  take(found, 'HTTP_X_FORWARDED_PROTO', at(fields.proto, hops), (value) => (found.scheme = schemeOf(value)))
  take(found, 'HTTP_X_FORWARDED_HOST', at(fields.host, hops), (value) => (found.host = hostOf(value)))
  take(found, 'HTTP_X_FORWARDED_PORT', at(fields.port, hops), (value) => (found.port = portOf(value)))
  return found
}

/** @returns how many proxies have written: the client's place from the right, at least 1 */
function walkAddresses(elements: readonly string[], trusts: Trusts, found: Forwarding): number {
  let index = elements.length
  while (index > 0) {
    const element = elements[index - 1] ?? ''
    const node = nodeOf(element)
    if (node === undefined) {
      if (!isHidden(element)) found.malformed = `X-Forwarded-For: ${element}`
      break
    }
    index -= 1
    found.client = node.address
    found.clientPort = node.port
    if (!trusts(node.address)) break
  }
  const believed = elements.slice(index)
  if (believed.length > 0) found.text += `HTTP_X_FORWARDED_FOR\0${believed.join(', ')}\0`
  return Math.max(1, believed.length)
}

function take(found: Forwarding, key: string, value: string, read: (value: string) => unknown): void {
  if (value === '') return
  if (read(value) === null) found.malformed ||= `${key.slice('HTTP_'.length)}: ${value}`
  else found.text += `${key}\0${value}\0`
}

function at(list: string, hops: number): string {
  const elements = elementsOf(list)
  return elements[Math.max(0, elements.length - hops)] ?? ''
}

const elementsOf = (list: string): readonly string[] =>
  list
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')

/** Reads the Forwarded header of a trusted peer, from the right; an element's proto and host are those of the proxy to its right. */
export function readForwarded(value: string, trusts: Trusts): Forwarding {
  const found = nothing()
  const believed: string[] = []
  for (const element of elementsFromRight(value)) {
    if (element === '') continue
    const pairs = pairsOf(element)
    if (pairs === undefined || !takePairs(found, pairs)) {
      found.malformed = `Forwarded: ${element}`
      break
    }
    believed.unshift(element)
    if (found.client === null || !pairs.has('for') || !nodeOf(pairs.get('for') ?? '') || !trusts(found.client)) break
  }
  if (believed.length > 0) found.text = `HTTP_FORWARDED\0${believed.join(', ')}\0`
  return found
}

/** @returns false, and takes nothing, when a value cannot be read */
function takePairs(found: Forwarding, pairs: ReadonlyMap<string, string>): boolean {
  const [name, proto, authority] = [pairs.get('for'), pairs.get('proto'), pairs.get('host')]
  const node = name === undefined ? undefined : nodeOf(name)
  const scheme = proto === undefined ? found.scheme : schemeOf(proto)
  const host = authority === undefined ? found.host : hostOf(authority)
  if (name !== undefined && node === undefined && !isHidden(name)) return false
  if ((proto !== undefined && scheme === null) || (authority !== undefined && host === null)) return false
  found.scheme = scheme
  found.host = host
  if (node !== undefined) {
    found.client = node.address
    found.clientPort = node.port
  }
  return true
}

/**
 * The elements of a list, the last one first. Quoted strings are read backwards too: what a client has written further left cannot change what a proxy has
 * appended.
 */
function* elementsFromRight(list: string): Generator<string> {
  let end = list.length
  let quoted = false
  for (let index = list.length - 1; index >= 0; index -= 1) {
    if (list[index] === '"' && !isEscaped(list, index)) quoted = !quoted
    else if (list[index] === ',' && !quoted) {
      yield list.slice(index + 1, end).trim()
      end = index
    }
  }
  yield list.slice(0, end).trim()
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0
  while (text[index - 1 - backslashes] === '\\') backslashes += 1
  return backslashes % 2 === 1
}

// Colons and brackets belong in quotes (RFC 7239 §4), and many proxies leave them out.
const pair = /\s*([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~:[\]-]+)|"((?:[^"\\]|\\.)*)")\s*(?:;|$)/y

/** The parameters of one element, names in lower case; undefined when it is not one (RFC 7239 §4), or has one twice. */
function pairsOf(element: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>()
  pair.lastIndex = 0
  while (pair.lastIndex < element.length) {
    const match = pair.exec(element)
    if (match === null) return undefined
    const [, name = '', token, quoted = ''] = match
    if (pairs.has(name.toLowerCase())) return undefined
    pairs.set(name.toLowerCase(), token ?? quoted.replaceAll(/\\(.)/g, '$1'))
  }
  return pairs
}

type Node = Readonly<{ address: string; port: number | null }>

/** "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80"; undefined for anything else. */
function nodeOf(written: string): Node | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(written) ?? []
  const address = bracketed ?? plain ?? written
  if (isIP(address) === 0 || address.includes('%') || (bracketed !== undefined && !isIPv6(address))) return undefined
  const port = digits === undefined ? null : portOf(digits)
  if (digits !== undefined && port === null) return undefined
  return { address: ipaddr.process(address).toString(), port }
}

/** A proxy that does not tell: RFC 7239 §6.2, §6.3. */
const isHidden = (node: string): boolean => /^(?:unknown|_[\w.-]+)(?::[\w.-]+)?$/i.test(node)

function schemeOf(written: string): 'http' | 'https' | null {
  const lower = written.toLowerCase()
  return lower === 'http' || lower === 'https' ? lower : null
}

const hostOf = (written: string): string | null =>
  /^(?:[\w.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/.test(written) ? written : null

function portOf(written: string): number | null {
  const port = /^\d{1,5}$/.test(written) ? Number(written) : 0
  return port >= 1 && port <= 65_535 ? port : null
}
