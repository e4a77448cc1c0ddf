// An entry of `listen` as the plan takes it: defaults filled in, paths absolute, names as in code.
// Reads no certificate.
import type { ListenAddress } from './listen.ts'
import type { ListenerOptions } from './listener-schema.ts'

/** Absolute paths of a certificate and its key. */
export type CertificatePaths = Readonly<{ certificate: string; key: string }>

/** Where https is for a listener that only redirects there; port null: where the first listener with TLS is. */
export type RedirectConfiguration = Readonly<{ status: 301 | 308; port: number | null }>

/** One entry of `listen`. */
export type ListenerConfiguration = Readonly<{
  address: ListenAddress
  /** The first one is for clients that ask for no name or one that no certificate has; empty: plain HTTP. */
  certificates: readonly CertificatePaths[]
  /** Value of Strict-Transport-Security; null: no such header. */
  hsts: string | null
  proxyProtocol: 'off' | 'accepted' | 'required'
  redirect: RedirectConfiguration | null
}>

/** A listener of which only the address is given: plain HTTP. */
export function plainListener(address: ListenAddress): ListenerConfiguration {
  return { address, certificates: [], hsts: null, redirect: null, proxyProtocol: 'off' }
}

/**
 * A listener as wsgid.yaml has it.
 *
 * @param absolute resolves a path against the directory of wsgid.yaml
 */
export function configureListener(
  { address, tls = [], hsts, 'redirect-to-https': redirect = false, 'proxy-protocol': proxy = false }: ListenerOptions,
  absolute: (path: string) => string,
): ListenerConfiguration {
  return {
    address: address.kind === 'unix' ? { ...address, path: absolute(address.path) } : address,
    certificates: tls.map(({ certificate, key }) => ({ certificate: absolute(certificate), key: absolute(key) })),
    hsts: hsts === undefined ? null : hstsValue(hsts),
    redirect: redirectOf(redirect),
    proxyProtocol: proxy === true ? 'accepted' : proxy === false ? 'off' : proxy,
  }
}

/** RFC 6797 §6.1; "preload" is hstspreload.org's. */
function hstsValue(options: NonNullable<ListenerOptions['hsts']>): string {
  const subdomains = options['include-subdomains'] === true ? '; includeSubDomains' : ''
  return `max-age=${options['max-age']}${subdomains}${options.preload === true ? '; preload' : ''}`
}

function redirectOf(written: NonNullable<ListenerOptions['redirect-to-https']>): RedirectConfiguration | null {
  if (written === false) return null
  const { status = 308, port = null } = written === true ? {} : written
  return { status, port }
}
