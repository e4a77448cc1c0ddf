// Reads certificates and keys and finds out what they are. Judges neither owners nor dates: that is plan/'s business.
// No message shows anything of a key.
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { CertificatePaths } from '../config/listener-configuration.ts'
import { codeOf } from '../errno.ts'
import { certificateKey, type CertificateFacts } from '../plan/facts.ts'
import { readSmallFile } from './small-file.ts'

// Chains of a dozen certificates have some 20 KiB.
const largestFile = 256 * 1024

/** The pairs by `certificateKey`, each once. */
export async function readCertificates(
  pairs: readonly CertificatePaths[],
): Promise<ReadonlyMap<string, CertificateFacts>> {
  const read = new Map<string, CertificateFacts>()
  for (const pair of pairs) {
    const key = certificateKey(pair)
    if (!read.has(key)) read.set(key, await readPair(pair))
  }
  return read
}

async function readPair(paths: CertificatePaths): Promise<CertificateFacts> {
  const certificate = await readSmallFile(paths.certificate, largestFile)
  if (!certificate.ok) return { ok: false, of: 'certificate', reason: certificate.reason }
  const key = await readSmallFile(paths.key, largestFile)
  if (!key.ok) return { ok: false, of: 'key', reason: key.reason }
  return describePair(certificate.text, key.text)
}

/** What a pair of PEM texts is. */
export function describePair(certificate: string, key: string): CertificateFacts {
  const parsed = parsedCertificate(certificate)
  if (parsed === undefined) return { ok: false, of: 'certificate', reason: 'it holds no certificate in PEM' }
  const privateKey = parsedKey(key)
  if (typeof privateKey === 'string') return { ok: false, of: 'key', reason: privateKey }
  if (!parsed.checkPrivateKey(privateKey))
    return { ok: false, of: 'key', reason: 'it is not the key of the certificate' }
  const refusal = refusedByOpenssl(certificate, key)
  if (refusal !== undefined) return { ok: false, of: 'certificate', reason: `OpenSSL does not take it: ${refusal}` }
  return {
    ok: true,
    certificate,
    key,
    names: namesIn(parsed.subjectAltName ?? ''),
    from: new Date(parsed.validFrom).toISOString(),
    until: new Date(parsed.validTo).toISOString(),
    validity: validityOf(parsed, Date.now()),
  }
}

function parsedCertificate(text: string): X509Certificate | undefined {
  // Node also takes DER, which the other checks and OpenSSL's chain reader would not.
  if (!text.includes('-----BEGIN')) return undefined
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}

function parsedKey(text: string): KeyObject | string {
  try {
    return createPrivateKey(text)
  } catch (error) {
    return codeOf(error) === 'ERR_MISSING_PASSPHRASE' || /ENCRYPTED/.test(text)
      ? 'it is protected by a passphrase, which nobody could enter when wsgid starts'
      : 'it holds no private key in PEM'
  }
}

// Also what comes after the first certificate counts, and keys that OpenSSL's security level finds too short.
function refusedByOpenssl(certificate: string, key: string): string | undefined {
  try {
    createSecureContext({ cert: certificate, key })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error:[0-9A-F]+:/, '') : String(error)
  }
}

/** The DNS names of a subjectAltName as Node prints it: `DNS:a.example.org, IP Address:127.0.0.1`; lower case. */
function namesIn(subjectAltName: string): readonly string[] {
  return [...subjectAltName.matchAll(/(?:^|, )DNS:([^",\s]+)/g)].map(([, name = '']) => name.toLowerCase())
}

function validityOf({ validFrom, validTo }: X509Certificate, now: number): 'valid' | 'expired' | 'not-yet' {
  if (now > Date.parse(validTo)) return 'expired'
  return now < Date.parse(validFrom) ? 'not-yet' : 'valid'
}
