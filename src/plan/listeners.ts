// The listeners of a server with their certificates, and what speaks against these.
import { type Diagnostic, type Place } from '../config/diagnostics.ts'
import type { ServerConfiguration } from '../config/configuration.ts'
import type { CertificatePaths, ListenerConfiguration } from '../config/listener-configuration.ts'
import { isReadableByOthers } from './access.ts'
import { certificateKey, findPath, ownership, type CertificateFacts, type Facts } from './facts.ts'
import type { CertificatePlan, ListenerPlan } from './plan.ts'
import { at, partition, refused, resolved, type Problem, type Resolved } from './problem.ts'
import { distrustedByRoot } from './trust.ts'

type Server = Pick<ServerConfiguration, 'listeners' | 'placeOf'>
type Good = Extract<CertificateFacts, { ok: true }>

/** What is wrong with the listeners, or the listeners and what an operator should know about them. */
export function planListeners(
  server: Server,
  facts: Facts,
): Resolved<Readonly<{ listeners: readonly ListenerPlan[]; warnings: readonly Diagnostic[] }>> {
  const planned = partition(server.listeners.map((listener, index) => planListener(listener, { server, index, facts })))
  const diagnostics = [...planned.diagnostics, ...redirectionsToNowhere(server)]
  if (diagnostics.length > 0) return refused(...diagnostics)
  return resolved({
    listeners: planned.values.map(({ listener }) => listener),
    warnings: planned.values.flatMap(({ warnings }) => warnings),
  })
}

type Surroundings = Readonly<{ server: Server; index: number; facts: Facts }>

function planListener(listener: ListenerConfiguration, { server, index, facts }: Surroundings) {
  const { address, hsts, redirect, proxyProtocol } = listener
  const pairs = listener.certificates.map((paths, number) => {
    const placeOf = (part: keyof CertificatePaths) => placeOfFile(server, [index, number], part)
    return resolveCertificate(paths, placeOf, facts)
  })
  const { values, diagnostics } = partition(pairs)
  if (diagnostics.length > 0) return refused(...diagnostics)
  const certificates = values.map(({ certificate }) => certificate)
  return resolved({
    listener: { address, certificates, hsts, redirect, proxyProtocol } satisfies ListenerPlan,
    warnings: values.flatMap(({ warnings }) => warnings),
  })
}

/** `tls` is one pair, or a list of them. */
function placeOfFile(
  { placeOf }: Server,
  [listener, number]: readonly [number, number],
  part: keyof CertificatePaths,
): Place {
  const listed = placeOf(['listen', listener, 'tls', number, part])
  return listed.line === null ? placeOf(['listen', listener, 'tls', part]) : listed
}

type PlaceOfFile = (part: keyof CertificatePaths) => Place

function resolveCertificate(paths: CertificatePaths, placeOf: PlaceOfFile, facts: Facts) {
  const read = facts.certificates.get(certificateKey(paths)) ?? { ok: false, of: 'certificate', reason: 'ENOENT' }
  const diagnostics = [
    ...(facts.process.uid === 0 ? distrusted(paths, placeOf, facts) : []),
    ...(read.ok ? [] : at(() => placeOf(read.of), [unusable(paths, read)])),
  ]
  if (!read.ok || diagnostics.length > 0) return refused(...diagnostics)
  const { certificate, key, names } = read
  const warnings = at(() => placeOf('certificate'), datesOf(paths.certificate, read))
  return resolved({ certificate: { certificate, key, names } satisfies CertificatePlan, warnings })
}

function unusable(paths: CertificatePaths, { of, reason }: Extract<CertificateFacts, { ok: false }>): Problem {
  const isMissing = /^E[A-Z]+$/.test(reason)
  const wanted =
    of === 'key' ? 'the private key of the certificate, in PEM and without a passphrase' : 'a certificate in PEM'
  return {
    code: isMissing ? 'cannot-read' : 'unusable-certificate',
    what: `${of} "${paths[of]}" cannot be ${isMissing ? 'read' : 'used'}: ${reason}`,
    cure: `name a file with ${wanted}`,
  }
}

// Whoever can read the key can pass for the site; whoever can replace either decides whom clients talk to.
function distrusted(paths: CertificatePaths, placeOf: PlaceOfFile, facts: Facts): readonly Diagnostic[] {
  const certificate = findPath(facts, paths.certificate, null)
  const key = findPath(facts, paths.key, null)
  return [
    ...(certificate.found ? at(() => placeOf('certificate'), distrustedByRoot(certificate, 'certificate', facts)) : []),
    ...(key.found ? at(() => placeOf('key'), distrustedByRoot(key, 'key', facts)) : []),
    ...(key.found && isReadableByOthers(key.target)
      ? at(() => placeOf('key'), [openKey(`key "${paths.key}"`, ownership(facts, key.target))])
      : []),
  ]
}

const openKey = (key: string, owned: string): Problem => ({
  code: 'unsafe-path',
  what: `${key} can be read by others (${owned})`,
  cure: 'whoever reads it can pass for the site: chmod o-r it, and have the certificate replaced',
})

function datesOf(path: string, { validity, from, until }: Good): readonly Problem[] {
  if (validity === 'valid') return []
  const what = validity === 'expired' ? `has expired (${until})` : `is not valid before ${from}`
  return [
    {
      code: 'certificate-date',
      what: `certificate "${path}" ${what}`,
      cure: 'clients refuse it; put a valid one there and run wsgid reload',
    },
  ]
}

function redirectionsToNowhere({ listeners, placeOf }: Server): readonly Diagnostic[] {
  if (listeners.some(({ certificates }) => certificates.length > 0)) return []
  return listeners.flatMap(({ redirect }, index) =>
    redirect === null || redirect.port !== null
      ? []
      : at(() => placeOf(['listen', index, 'redirect-to-https']), [nowhere]),
  )
}

const nowhere: Problem = {
  code: 'invalid-value',
  what: 'redirect-to-https leads nowhere: no listener has tls',
  cure: 'add a listener with tls; where something else serves https, name its port: redirect-to-https: { port: 443 }',
}
