// One entry of `listen`: the address and how clients are served on it, in the clear or by TLS.
// Knows no file and no machine: whether certificates are good is the plan's business.
import { z } from 'zod'
import { parseListen } from './listen.ts'
import { optional, required } from './option.ts'
import { hasBoth, isOptionMap, never } from './refinement.ts'
import { oneOrMore, parsed, path, wholeNumber } from './values.ts'

const aFile = 'a path; a relative one starts at the directory of the file it stands in'
/** What the words for an address are. */
export const anAddress = 'host:port, [v6]:port, unix:/path or systemd:NAME'

/** What browsers ask of sites that want to be on their built-in list (hstspreload.org): a year. */
const leastPreloadSeconds = 31_536_000
const mostHstsSeconds = 10 * leastPreloadSeconds

export const listenAddress = parsed(z.string(), parseListen)

const certificateObject = z.strictObject({
  certificate: required(path, {
    description: 'PEM file of the certificate, followed by those that lead to its root',
    expects: aFile,
    example: '/etc/ssl/certs/example.org.pem',
  }),
  key: required(path, {
    description:
      'PEM file of its private key, without a passphrase. As root it must belong to root and be readable by nobody outside of its group; routers and workers never read it',
    expects: aFile,
    example: '/etc/ssl/private/example.org.key',
  }),
})

const hstsObject = z.strictObject({
  'max-age': required(wholeNumber(0, mostHstsSeconds), {
    description: 'how long browsers remember it; 0 makes them forget it',
    expects: 'a whole number of seconds, at most ten years',
    unit: 'seconds',
    example: '31536000',
  }),
  'include-subdomains': optional(z.boolean(), {
    description: 'holds for all subdomains too',
    expects: 'true or false',
    default: false,
    example: 'true',
  }),
  preload: optional(z.boolean(), {
    description: 'the site may be built into browsers; needs a year of max-age and include-subdomains',
    expects: 'true or false',
    default: false,
    example: 'true',
  }),
})

const hsts = hstsObject.refine(
  ...never(cannotBePreloaded, {
    what: 'hsts has preload without what browsers demand for it',
    cure: `set include-subdomains: true and a max-age of ${leastPreloadSeconds} (a year) or more, or remove preload`,
    at: 'preload',
  }),
)

const redirectObject = z.strictObject({
  status: optional(z.union([z.literal(301), z.literal(308)]), {
    description: '308 keeps the method and the body of a request, 301 is older and makes a GET of most',
    expects: '301 or 308',
    default: 308,
    example: '301',
  }),
  port: optional(wholeNumber(1, 65_535), {
    description: 'port of https as clients see it',
    expects: 'a whole number from 1 to 65535',
    otherwise: 'that of the first listener with `tls`',
    example: '443',
  }),
})

const listenerObject = z.strictObject({
  address: required(listenAddress, {
    description: 'where to listen; port 0 lets the kernel choose, systemd:NAME takes an inherited socket',
    expects: anAddress,
    example: '0.0.0.0:80',
  }),
  tls: optional(oneOrMore(certificateObject), {
    description:
      'serves https, HTTP/2 and HTTP/1.1, by TLS 1.2 and later: certificate and key, or a list of such pairs. A client gets the first one that holds for the name it asks for (exact, then wildcard), else the first of all. `wsgid reload` reads the files again; connections stay',
    expects: 'a map with certificate and key, or a list of such maps',
    entry: 'a map with certificate and key',
    otherwise: 'plain HTTP',
    example: '{ certificate: /etc/ssl/certs/a.pem, key: /etc/ssl/private/a.key }',
    inside: certificateObject.shape,
  }),
  hsts: optional(hsts, {
    description:
      'adds Strict-Transport-Security (RFC 6797) to every response that has none: browsers use https only from then on. Needs `tls`',
    expects: 'a map with max-age',
    otherwise: 'no such header',
    example: '{ max-age: 31536000 }',
    inside: hstsObject.shape,
  }),
  'redirect-to-https': optional(z.union([z.boolean(), redirectObject]), {
    description: 'answers every request with a redirection to the same host and path by https, without any application',
    expects: 'true, false, or a map with status and port',
    default: false,
    example: 'true',
    inside: redirectObject.shape,
  }),
  'proxy-protocol': optional(z.union([z.boolean(), z.literal('required')]), {
    description:
      'connections may begin with a PROXY header, version 1 or 2, that names the client, before TLS if there is; `required`: those that do not are closed. If `trusted-proxies` names any, only from these; without, whoever connects can name any client',
    expects: 'true, false or required',
    default: false,
    example: 'required',
  }),
})

/** The options of a listener, for documentation and messages. */
export const listenerOptions = listenerObject.shape

/** A listener written as a map. */
export const listenerSchema = listenerObject
  .refine(
    ...never((listener) => isOptionMap(listener) && 'hsts' in listener && !('tls' in listener), {
      what: 'hsts needs tls: browsers ignore it over plain HTTP',
      cure: 'add tls with certificate and key, or remove hsts',
      at: 'hsts',
    }),
  )
  .refine(
    ...never((listener) => hasBoth(listener, 'tls', 'redirect-to-https'), {
      what: 'redirect-to-https and tls exclude each other',
      cure: 'remove one of the two: requests that come by https are served',
      at: 'redirect-to-https',
    }),
  )

function cannotBePreloaded(written: unknown): boolean {
  const options = hstsObject.safeParse(written)
  if (!options.success || options.data.preload !== true) return false
  return options.data['include-subdomains'] !== true || options.data['max-age'] < leastPreloadSeconds
}

export type ListenerOptions = z.output<typeof listenerSchema>
