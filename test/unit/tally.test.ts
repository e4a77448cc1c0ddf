// The closing line of scripts/test says what really happened.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { execa } from 'execa'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const program = resolve(import.meta.dirname, '../../scripts/tally.mjs')
let results: string

beforeEach(async () => {
  results = await mkdtemp(join(tmpdir(), 'wsgid-tally-'))
  for (const name of ['build', 'typecheck', 'lint']) await writeFile(join(results, `${name}.step`), 'passed\n')
  await writeReport('unit', ['passed', 'passed'])
  await writeReport('e2e', ['passed'])
})

afterEach(() => rm(results, { recursive: true, force: true }))

/** Writes what jest reports of one test file with tests of these outcomes. */
function writeReport(suite: string, statuses: readonly string[]): Promise<void> {
  const assertionResults = statuses.map((status, index) => ({ status, fullName: `claim ${index}` }))
  const status = statuses.includes('failed') ? 'failed' : 'passed'
  const report = { testResults: [{ name: 'a.test.ts', status, assertionResults }] }
  return writeFile(join(results, `${suite}.jest`), JSON.stringify(report))
}

async function tally(env: Readonly<Record<string, string>> = { WSGID_REQUIRE_PRIVILEGED: '' }) {
  const { stdout, exitCode } = await execa(process.execPath, [program, results], { env, reject: false })
  return { last: stdout.split('\n').at(-1), exitCode }
}

test('steps and tests are counted', async () => {
  expect(await tally()).toEqual({ last: '6 passed, 0 failed, 0 skipped', exitCode: 0 })
})

test('a failed step or test fails the run', async () => {
  await writeFile(join(results, 'lint.step'), 'failed\n')
  await writeReport('e2e', ['passed', 'failed'])
  expect(await tally()).toEqual({ last: '5 passed, 2 failed, 0 skipped', exitCode: 1 })
})

test('a skipped test fails the run only where none may be skipped', async () => {
  await writeReport('e2e', ['pending'])
  expect(await tally()).toEqual({ last: '5 passed, 0 failed, 1 skipped', exitCode: 0 })
  expect(await tally({ WSGID_REQUIRE_PRIVILEGED: '1' })).toMatchObject({ exitCode: 1 })
})

test('a suite that jest gave no report of is a failure', async () => {
  await rm(join(results, 'e2e.jest'))
  expect(await tally()).toEqual({ last: '5 passed, 1 failed, 0 skipped', exitCode: 1 })
})

test('a test file that could not be loaded is a failure', async () => {
  const report = { testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }] }
  await writeFile(join(results, 'unit.jest'), JSON.stringify(report))
  expect(await tally()).toEqual({ last: '4 passed, 1 failed, 0 skipped', exitCode: 1 })
})

test('tests that passed at their second attempt only are named and counted', async () => {
  const assertionResults = [{ status: 'passed', fullName: 'a claim', invocations: 2 }]
  const report = { testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults }] }
  await writeFile(join(results, 'e2e.jest'), JSON.stringify(report))
  const { stdout } = await execa(process.execPath, [program, results])
  expect(stdout.split('\n').slice(0, -1)).toEqual([
    'passed at the second attempt only: a claim',
    '1 passed at the second attempt only',
  ])
})
