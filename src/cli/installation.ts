// Where this package's programs stand and which version it is.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Installation } from '../supervisor/main.ts'

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** The programs beside this file in dist/. */
export function findInstallation(): Installation {
  return {
    routerProgram: pathOf('../router/main.js'),
    workerDirectory: pathOf('../worker'),
    version: packageVersion(),
  }
}

export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(pathOf('../../package.json'), 'utf8'))
  // Without zod: `wsgid --version` loads nothing else.
  if (
    typeof manifest === 'object' &&
    manifest !== null &&
    'version' in manifest &&
    typeof manifest.version === 'string'
  )
    return manifest.version
  throw new Error('package.json of wsgid names no version')
}
