// Where something stands in test/apps/stubborn.py, for tests of stacks.
import { readFileSync } from 'node:fs'
import type { Site } from './site.ts'

/** The number of the line of test/apps/stubborn.py that ends with this comment. */
export function lineWith(site: Site, comment: string): number {
  const source = readFileSync(site.path('apps', 'stubborn.py'), 'utf8')
  return source.split('\n').findIndex((line) => line.endsWith(`# ${comment}`)) + 1
}
