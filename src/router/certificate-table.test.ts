import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { makeCertificate } from '../../test/support/certificates.ts'
import { CertificateTable } from './certificate-table.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-table-'))
const files = makeCertificate(directory, 'any', [])
const pem = { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') }
rmSync(directory, { recursive: true })

test('a name gets its own certificate before a wildcard, whatever its case; a wildcard stands for one label', () => {
  const table = new CertificateTable([
    { ...pem, names: ['*.example.org', 'example.org'] },
    { ...pem, names: ['www.example.org'] },
    { ...pem, names: ['*.example.org', 'example.org'] },
  ])
  const [first, own] = [table.find('example.org'), table.find('WWW.Example.ORG')]
  expect(first).toBeDefined()
  expect(own).toBeDefined()
  expect(own).not.toBe(first)
  expect(table.find('other.example.org')).toBe(first)
  expect(table.find('a.b.example.org')).toBeUndefined()
  expect(table.find('example.net')).toBeUndefined()
  expect(table.find('localhost')).toBeUndefined()
})
