// Whether the supervisor rotates the logs by their size, and what speaks against that. Pure.
import type { ServerConfiguration } from '../config/configuration.ts'
import type { Diagnostic } from '../config/diagnostics.ts'
import { defaultRotateCount } from '../config/log-rotation-options.ts'
import type { LogRotation } from './plan.ts'

/** null: not by size. */
export function planLogRotation({ logRotateSize: size, logRotateCount }: ServerConfiguration): LogRotation | null {
  return size === null ? null : { size, count: logRotateCount ?? defaultRotateCount }
}

/** Options that would do nothing. `logDir` is the one that holds, "-" for stderr. */
export function checkLogRotation(server: ServerConfiguration, logDir: string): readonly Diagnostic[] {
  const { logRotateSize, logRotateCount, placeOf } = server
  if (logRotateSize !== null && logDir === '-')
    return [
      {
        ...placeOf(['log-rotate-size']),
        code: 'invalid-value',
        what: 'log-rotate-size has nothing to rotate: log-dir is "-", so the logs go to stderr',
        cure: 'name a directory by log-dir, or remove the line',
      },
    ]
  if (logRotateCount === null || logRotateSize !== null) return []
  return [
    {
      ...placeOf(['log-rotate-count']),
      code: 'invalid-value',
      what: 'log-rotate-count has nothing to count: log-rotate-size is not set',
      cure: 'set log-rotate-size, or remove the line',
    },
  ]
}
