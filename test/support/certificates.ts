// Certificates for tests, made by openssl when they are needed: each signed by its own key, so each is its own authority.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Paths of a certificate and its key (mode 0600). */
export type CertificateFiles = Readonly<{ certificate: string; key: string }>

/**
 * Makes NAME.pem and NAME.key in a directory, or makes them anew.
 *
 * @param hosts names of the subjectAltName; 127.0.0.1 is added
 * @param expired it held until yesterday
 */
export function makeCertificate(
  directory: string,
  name: string,
  hosts: readonly string[],
  { expired = false }: Readonly<{ expired?: boolean }> = {},
): CertificateFiles {
  const files = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}.key`) }
  const alternatives = [...hosts.map((host) => `DNS:${host}`), 'IP:127.0.0.1'].join(',')
  openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'],
    ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternatives}`],
    ...['-keyout', files.key, '-out', files.certificate],
  )
  // openssl req makes none that has expired.
  const again = ['x509', '-in', files.certificate, '-signkey', files.key, '-days', '-1', '-copy_extensions', 'copy']
  if (expired) openssl(...again, '-out', files.certificate)
  return files
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' })
}
