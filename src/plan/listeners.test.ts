import { expect, test } from '@jest/globals'
import { renderPlace, type Diagnostic } from '../config/diagnostics.ts'
import { aConfiguration, goodCertificate, someFacts, type Machine } from '../../test/support/facts.ts'
import { makePlan } from './make-plan.ts'

const tls = 'listen:\n  - address: 0.0.0.0:443\n    tls: { certificate: a.pem, key: a.key }\n'
const certificatePlace = 'wsgid.yaml:3:25'
const keyPlace = 'wsgid.yaml:3:37'

function planned(server: string, machine: Machine = {}) {
  const configuration = aConfiguration({ a: 'user: trac\napplications: [{ module: "a:b" }]' }, server)
  return makePlan(configuration, someFacts(configuration, machine))
}

const said = (diagnostics: readonly Diagnostic[]) => diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)

function refusals(server: string, machine: Machine = {}): readonly string[] {
  const result = planned(server, machine)
  return result.ok ? [] : said(result.diagnostics)
}

function listener(server: string) {
  const result = planned(server)
  return result.ok ? result.plan.listeners[0] : undefined
}

test('a listener has the texts and names of its certificates, in the order of the file', () => {
  const { certificate, key, names } = goodCertificate
  const pair = { certificate, key, names }
  expect(listener(tls)).toMatchObject({ certificates: [pair], hsts: null, redirect: null })
  const two = tls.replace(
    '{ certificate: a.pem, key: a.key }',
    '[{ certificate: a.pem, key: a.key }, { certificate: b.pem, key: b.key }]',
  )
  expect(listener(two)?.certificates).toEqual([pair, pair])
})

test.each([
  ['{ max-age: 60 }', 'max-age=60'],
  ['{ max-age: 31536000, include-subdomains: true }', 'max-age=31536000; includeSubDomains'],
  ['{ max-age: 31536000, include-subdomains: true, preload: true }', 'max-age=31536000; includeSubDomains; preload'],
])('hsts: %s is sent as %j', (hsts, value) => {
  expect(listener(`${tls}    hsts: ${hsts}\n`)?.hsts).toBe(value)
})

test.each([
  ['false', null],
  ['true', { status: 308, port: null }],
  ['{ status: 301, port: 8443 }', { status: 301, port: 8443 }],
])('redirect-to-https: %s', (written, redirect) => {
  const plain = `listen:\n  - { address: "0.0.0.0:80", redirect-to-https: ${written} }\n${tls.slice('listen:\n'.length)}`
  expect(listener(plain)?.redirect).toEqual(redirect)
})

test('a redirection needs a listener with TLS, or a port', () => {
  const plain = (redirect: string) => `listen: [{ address: "0.0.0.0:80", redirect-to-https: ${redirect} }]`
  expect(refusals(plain('true'))).toEqual(['wsgid.yaml:1:54: redirect-to-https leads nowhere: no listener has tls'])
  expect(refusals(plain('{ port: 443 }'))).toEqual([])
})

const unusable = (of: 'certificate' | 'key', reason: string): Machine => ({ certificate: { ok: false, of, reason } })

test.each<[string, Machine, string]>([
  [
    'a certificate that is not there',
    unusable('certificate', 'ENOENT'),
    `${certificatePlace}: certificate "/etc/wsgid/a.pem" cannot be read: ENOENT`,
  ],
  [
    'a key that cannot be read',
    unusable('key', 'EACCES'),
    `${keyPlace}: key "/etc/wsgid/a.key" cannot be read: EACCES`,
  ],
  [
    'a key of another certificate',
    unusable('key', 'it is another one'),
    `${keyPlace}: key "/etc/wsgid/a.key" cannot be used: it is another one`,
  ],
  [
    'a key that everyone can read',
    { files: { '/etc/wsgid/a.key': { mode: 0o644 } } },
    `${keyPlace}: key "/etc/wsgid/a.key" can be read by others (root:root 0644)`,
  ],
  [
    'a key that its group can write',
    { files: { '/etc/wsgid/a.key': { mode: 0o660, gid: 50 } } },
    `${keyPlace}: key "/etc/wsgid/a.key" is writable by group "staff" (root:staff 0660)`,
  ],
  [
    'a certificate of somebody else',
    { files: { '/etc/wsgid/a.pem': { uid: 1001 } } },
    `${certificatePlace}: certificate "/etc/wsgid/a.pem" belongs to "trac" (trac:root 0644)`,
  ],
])('%s is refused at its place', (_, machine, message) => {
  expect(refusals(tls, machine)).toEqual([message])
})

test('of a list of pairs, the place is that of the very file', () => {
  const two = tls.replace(
    '{ certificate: a.pem, key: a.key }',
    '[{ certificate: a.pem, key: a.key }, { certificate: b.pem, key: b.key }]',
  )
  expect(refusals(two, { files: { '/etc/wsgid/b.key': { mode: 0o604 } } })).toEqual([
    'wsgid.yaml:3:74: key "/etc/wsgid/b.key" can be read by others (root:root 0604)',
  ])
})

test('a key that a group such as ssl-cert can read is taken; without root whose it is does not count', () => {
  expect(refusals(tls, { files: { '/etc/wsgid/a.key': { mode: 0o640, gid: 50 } } })).toEqual([])
  expect(
    refusals(tls, { uid: 1001, files: { '/etc/wsgid/a.key': { mode: 0o644 } } }).filter((line) => /key/.test(line)),
  ).toEqual([])
})

test.each([
  ['expired', `certificate "/etc/wsgid/a.pem" has expired (${goodCertificate.until})`],
  ['not-yet', `certificate "/etc/wsgid/a.pem" is not valid before ${goodCertificate.from}`],
] as const)('a certificate that is %s is a warning', (validity, what) => {
  const result = planned(tls, { certificate: { ...goodCertificate, validity } })
  expect(result.ok && said(result.warnings)).toEqual([`${certificatePlace}: ${what}`])
})
