import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { findRunDir } from './find-run-dir.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-run-dir-'))
afterAll(() => rmSync(directory, { recursive: true }))

function configFile(text: string): string {
  const path = join(directory, 'wsgid.yaml')
  writeFileSync(path, text)
  return path
}

test('run-dir is relative to its file, and found although other options are wrong', () => {
  expect(findRunDir(configFile('bogus: 1\nrun-dir: run\nrouters: many\n'))).toBe(join(directory, 'run'))
})

test('without a file or without the option it is the default one', () => {
  const usual = findRunDir(join(directory, 'missing.yaml'))
  expect(usual).toMatch(/wsgid/)
  expect(findRunDir(configFile('listen: 127.0.0.1:80\n'))).toBe(usual)
})

test('a file that is no YAML is named, with what to do', () => {
  expect(() => findRunDir(configFile('a: [\n'))).toThrow(/wsgid\.yaml: .*name the file that wsgid was started with/)
})
