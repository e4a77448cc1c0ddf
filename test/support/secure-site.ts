// A site with certificates, and what wsgid.yaml says of them.
import { readFileSync } from 'node:fs'
import { makeCertificate, type CertificateFiles } from './certificates.ts'
import { makeSite, type Site } from './site.ts'

export type SecureSite = Readonly<{
  site: Site
  /** Makes a certificate, or makes it anew in the same files. */
  certify: (name: string, hosts: readonly string[]) => CertificateFiles
  /** What clients have to trust, for the certificate of that name. */
  authority: (name: string) => string
}>

export async function makeSecureSite(): Promise<SecureSite> {
  const site = await makeSite()
  return {
    site,
    certify: (name, hosts) => makeCertificate(site.directory, name, hosts),
    authority: (name) => readFileSync(site.path(`${name}.pem`), 'utf8'),
  }
}

/** A listener with TLS on a free port. */
export const secureListener = (...pairs: readonly CertificateFiles[]) => ({ address: '127.0.0.1:0', tls: pairs })
