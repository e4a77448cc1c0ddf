import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { makeCertificate } from '../../test/support/certificates.ts'
import { certificateKey } from '../plan/facts.ts'
import { readCertificates } from './certificates.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-certificates-'))
afterAll(() => rmSync(directory, { recursive: true }))

const good = makeCertificate(directory, 'good', ['A.example.org', '*.w.example.org'])
const other = makeCertificate(directory, 'other', ['b.example.org'])

function written(name: string, text: string): string {
  writeFileSync(join(directory, name), text)
  return join(directory, name)
}

async function read(certificate: string, key: string) {
  return (await readCertificates([{ certificate, key }])).get(certificateKey({ certificate, key }))
}

test('a pair that belongs together is read with its names in lower case and its dates', async () => {
  expect(await read(good.certificate, good.key)).toMatchObject({
    ok: true,
    certificate: readFileSync(good.certificate, 'utf8'),
    key: readFileSync(good.key, 'utf8'),
    names: ['a.example.org', '*.w.example.org'],
    validity: 'valid',
  })
})

test('a certificate that has expired is told', async () => {
  const expired = makeCertificate(directory, 'expired', ['a.example.org'], { expired: true })
  expect(await read(expired.certificate, expired.key)).toMatchObject({ ok: true, validity: 'expired' })
})

test.each<[string, () => [string, string], object]>([
  ['a missing certificate', () => [join(directory, 'none.pem'), good.key], { of: 'certificate', reason: 'ENOENT' }],
  ['a missing key', () => [good.certificate, join(directory, 'none.key')], { of: 'key', reason: 'ENOENT' }],
  [
    'a directory as a key',
    () => [good.certificate, directory],
    { of: 'key', reason: expect.stringMatching(/regular file/) },
  ],
  [
    'garbage as a certificate',
    () => [written('junk.pem', 'junk'), good.key],
    { of: 'certificate', reason: 'it holds no certificate in PEM' },
  ],
  [
    'garbage in PEM',
    () => [written('junk2.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), good.key],
    { of: 'certificate', reason: 'it holds no certificate in PEM' },
  ],
  [
    'garbage as a key',
    () => [good.certificate, written('junk.key', 'junk')],
    { of: 'key', reason: 'it holds no private key in PEM' },
  ],
  [
    'the key of another certificate',
    () => [good.certificate, other.key],
    { of: 'key', reason: 'it is not the key of the certificate' },
  ],
  [
    'garbage behind the first certificate',
    () => [
      written(
        'chain.pem',
        `${readFileSync(good.certificate, 'utf8')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      ),
      good.key,
    ],
    { of: 'certificate', reason: expect.stringMatching(/^OpenSSL does not take it/) },
  ],
])('%s is told', async (_, pair, fact) => {
  expect(await read(...pair())).toEqual({ ok: false, ...fact })
})

test('a key with a passphrase is told', async () => {
  const locked = join(directory, 'locked.key')
  execFileSync('openssl', ['ec', '-in', good.key, '-aes128', '-passout', 'pass:x', '-out', locked], { stdio: 'ignore' })
  expect(await read(good.certificate, locked)).toMatchObject({ of: 'key', reason: expect.stringMatching(/passphrase/) })
})
