// The header of the PROXY protocol, versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt), which a proxy sends before anything else on a connection. Pure.
import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Peer } from './peer.ts'

/**
 * What the first bytes of a connection are. `more`: not yet known. `header`: so many bytes, and who the proxy speaks for; null: for itself, or it does
 * not say (LOCAL, UNKNOWN, a Unix socket).
 */
export type ProxyHeader =
  | Readonly<{ kind: 'more' | 'none' }>
  | Readonly<{ kind: 'malformed'; why: string }>
  | Readonly<{ kind: 'header'; length: number; peer: Peer | null }>

const MORE = { kind: 'more' } as const
const signature1 = Buffer.from('PROXY ', 'latin1')
const signature2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
/** With CRLF; doc/proxy-protocol.txt §2.1. */
const longest1 = 107
const fixedPart2 = 16
/** Addresses take 216 bytes at most; the rest is TLVs, of which a client's certificate data is the longest. */
const longest2 = 4096

/** @param input all that has come so far */
export function readProxyHeader(input: Buffer): ProxyHeader {
  if (beginsAs(input, signature1)) return input.length < signature1.length ? MORE : readVersion1(input)
  if (beginsAs(input, signature2)) return input.length < fixedPart2 ? MORE : readVersion2(input)
  return { kind: 'none' }
}

/** Whether it may still become this, or has. */
function beginsAs(input: Buffer, signature: Buffer): boolean {
  const length = Math.min(input.length, signature.length)
  return input.subarray(0, length).equals(signature.subarray(0, length))
}

const malformed = (why: string): ProxyHeader => ({ kind: 'malformed', why })

function readVersion1(input: Buffer): ProxyHeader {
  const end = input.subarray(0, longest1).indexOf('\r\n')
  if (end === -1) return input.length < longest1 ? MORE : malformed('the line of version 1 has no end')
  const length = end + 2
  const [, family, ...fields] = input.toString('latin1', 0, end).split(' ')
  if (family === 'UNKNOWN') return { kind: 'header', length, peer: null }
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined
  const [address = '', localAddress = '', port = '', localPort = '', ...rest] = fields
  if (isAddress === undefined) return malformed('version 1 knows TCP4, TCP6 and UNKNOWN')
  if (!isAddress(address) || !isAddress(localAddress) || rest.length > 0) return malformed('its addresses are none')
  if (!isPort(port) || !isPort(localPort)) return malformed('its ports are none')
  const peer = {
    address: plain(address),
    port: Number(port),
    localAddress: plain(localAddress),
    localPort: Number(localPort),
  }
  return { kind: 'header', length, peer }
}

const isPort = (digits: string): boolean => /^(?:0|[1-9]\d{0,4})$/.test(digits) && Number(digits) <= 65_535

/** IPv6 as the kernel would write it, IPv4 without the prefix that it has on an IPv6 socket. */
const plain = (address: string): string => ipaddr.process(address).toString()

const LOCAL = 0x20
const PROXY = 0x21
/** Address family and SOCK_STREAM: how long the two addresses are, without and with their ports. */
const FAMILIES: Readonly<Record<number, number>> = { 0x11: 4, 0x21: 16 }
const UNIX_STREAM = 0x31
const UNSPECIFIED = 0x00

function readVersion2(input: Buffer): ProxyHeader {
  const command = input.readUInt8(12)
  const family = input.readUInt8(13)
  const length = fixedPart2 + input.readUInt16BE(14)
  if (command !== LOCAL && command !== PROXY) return malformed('neither PROXY nor LOCAL of version 2')
  if (length > longest2) return malformed(`version 2 with ${length} bytes, more than ${longest2}`)
  if (input.length < length) return MORE
  if (command === LOCAL || family === UNSPECIFIED || family === UNIX_STREAM)
    return { kind: 'header', length, peer: null }
  const size = FAMILIES[family]
  if (size === undefined) return malformed('an address family or transport that is not TCP')
  if (length < fixedPart2 + 2 * size + 4) return malformed('version 2 that is too short for its addresses')
  const ports = fixedPart2 + 2 * size
  const peer = {
    address: addressAt(input, fixedPart2, size),
    port: input.readUInt16BE(ports),
    localAddress: addressAt(input, fixedPart2 + size, size),
    localPort: input.readUInt16BE(ports + 2),
  }
  return { kind: 'header', length, peer }
}

function addressAt(input: Buffer, start: number, size: number): string {
  return plain(ipaddr.fromByteArray([...input.subarray(start, start + size)]).toString())
}
