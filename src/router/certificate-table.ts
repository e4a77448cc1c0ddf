// Which certificate a client gets: by the name it asks for (SNI), exact before wildcard, else the first. Replaced as a whole by a reload.
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { CertificatePlan } from '../plan/plan.ts'

/** Mozilla's intermediate profile: forward secrecy and authenticated encryption only. The last three are TLS 1.3's. */
const ciphers = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
].join(':')

/** What tls needs to know for one certificate. */
export function contextOptions({ certificate, key }: CertificatePlan): SecureContextOptions {
  return { cert: certificate, key, ciphers, minVersion: 'TLSv1.2' }
}

export class CertificateTable {
  readonly #exact = new Map<string, SecureContext>()
  /** By what comes after "*". */
  readonly #wildcard = new Map<string, SecureContext>()

  constructor(certificates: readonly CertificatePlan[]) {
    for (const certificate of certificates) {
      const context = createSecureContext(contextOptions(certificate))
      for (const name of certificate.names) {
        const [table, key] = name.startsWith('*.') ? [this.#wildcard, name.slice(1)] : [this.#exact, name]
        if (!table.has(key)) table.set(key, context)
      }
    }
  }

  /**
   * @param name as the client sent it
   * @returns undefined for a name that no certificate has: the first of all is for it
   */
  find(name: string): SecureContext | undefined {
    const lower = name.toLowerCase()
    // A wildcard stands for one label: RFC 6125 §6.4.3.
    return this.#exact.get(lower) ?? this.#wildcard.get(lower.slice(lower.indexOf('.')))
  }
}
