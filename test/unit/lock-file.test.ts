// A fresh clone can be installed: `npm ci` refuses a lock file that leaves out what a package asks for.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

type Locked = Readonly<{ dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>

test('package-lock.json has an entry for every dependency, those of other platforms included', () => {
  const file = resolve(import.meta.dirname, '../../package-lock.json')
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Locked> }
  const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  const asked = Object.values(packages).flatMap((locked) =>
    Object.keys({ ...locked.dependencies, ...locked.optionalDependencies }),
  )
  // Cured by: node scripts/complete-lock.mjs
  expect(asked.filter((name) => !names.has(name))).toEqual([])
})
