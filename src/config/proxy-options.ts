// Options of wsgid.yaml about proxies in front of wsgid: which are believed, and which of their headers. Knows no file.
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { optional } from './option.ts'
import { oneOrMore, parsed } from './values.ts'

/** Headers by which proxies tell whom they speak for. */
export const proxyHeaders = [
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'Forwarded',
] as const

export type ProxyHeader = (typeof proxyHeaders)[number]

/** Reads "192.0.2.1", "10.0.0.0/8", "fd00::/8" or "unix:"; undefined when it is none of these. */
function parseNetwork(written: string): string | undefined {
  if (written === 'unix:' || ipaddr.isValidCIDR(written)) return written
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(written) || ipaddr.IPv6.isValid(written)
  return isAddress && !written.includes('%') ? written : undefined
}

const network = parsed(z.string(), parseNetwork)

export const proxyOptions = {
  'trusted-proxies': optional(z.union([network.transform((only) => [only]), z.array(network)]), {
    description:
      'proxies whose word about the client is believed, given in `trusted-proxy-headers` or by the PROXY protocol; `unix:` means whoever connects to a Unix socket. What anyone else sends of those headers is dropped',
    expects: 'an address, a network such as 10.0.0.0/8 or fd00::/8, or unix:; or a list of them',
    entry: 'an address, a network such as 10.0.0.0/8 or fd00::/8, or unix:',
    default: [],
    example: '[127.0.0.1, 10.0.0.0/8, "unix:"]',
  }),
  'trusted-proxy-headers': optional(oneOrMore(z.enum(proxyHeaders)), {
    description:
      'headers in which `trusted-proxies` are believed: name those that yours set or remove on every request, since the others may come from the client',
    expects: `a list of ${proxyHeaders.join(', ')}`,
    entry: `one of ${proxyHeaders.join(', ')}`,
    default: proxyHeaders,
    example: '[X-Forwarded-For, X-Forwarded-Proto]',
  }),
}
