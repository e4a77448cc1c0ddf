// Imports go downwards only: the rules of .dependency-cruiser.cjs hold for src/, and would be noticed if they did not.
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

type Violation = { from: string; rule: { name: string } }
type Cruise = { summary: { totalCruised: number; violations: Violation[] } }

const root = resolve(import.meta.dirname, '../..')

const describeViolation = ({ from, rule }: Violation): string => `${from}: ${rule.name}`

async function cruise(directory: string): Promise<Cruise['summary']> {
  const program = join(root, 'node_modules/.bin/depcruise')
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src']
  // depcruise exits with the number of violations.
  const { stdout } = await execa(program, args, { cwd: directory, reject: false })
  return (JSON.parse(stdout) as Cruise).summary
}

/** Cruises a copy of src/ with further files in it: path → text. */
async function cruiseWith(planted: Readonly<Record<string, string>>): Promise<Cruise['summary']> {
  const copy = await mkdtemp(join(tmpdir(), 'wsgid-imports-'))
  try {
    for (const name of ['src', 'package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
      await cp(join(root, name), join(copy, name), { recursive: true })
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
    for (const [path, text] of Object.entries(planted)) {
      await mkdir(dirname(join(copy, path)), { recursive: true })
      await writeFile(join(copy, path), `${text}\n`)
    }
    return await cruise(copy)
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

test('every import goes downwards', async () => {
  const { totalCruised, violations } = await cruise(root)
  expect(violations.map(describeViolation)).toEqual([])
  // With a TypeScript that it does not know, dependency-cruiser reads no module and reports success.
  expect(totalCruised).toBeGreaterThan(20)
})

test('an upward import, one of a type, effects in a pure folder and a cycle are reported', async () => {
  const { violations } = await cruiseWith({
    'src/supervisor/planted.ts': 'export {}',
    'src/config/planted.ts': "import '../plan/plan.ts'",
    'src/plan/planted.ts': "import type {} from '../supervisor/planted.ts'",
    'src/lifecycle/planted.ts': "import 'node:fs'",
    'src/launch/planted.ts': "import './planted.ts'",
  })
  const planted = violations.filter(({ from }) => from.endsWith('/planted.ts'))
  expect(planted.map(describeViolation).toSorted()).toEqual([
    'src/config/planted.ts: config-imports-downwards',
    'src/launch/planted.ts: no-cycles',
    'src/lifecycle/planted.ts: pure-folders-touch-nothing',
    'src/plan/planted.ts: plan-imports-downwards',
  ])
})
