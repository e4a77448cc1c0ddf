// Options of a group about how many workers it has, from when until when each of them lives. Knows no machine.
import { z } from 'zod'
import { bytes, milliseconds } from '../units.ts'
import { aDuration, aPositiveDuration, aSize } from './expectations.ts'
import { optional } from './option.ts'
import { duration, size, wholeNumber } from './values.ts'

const aWorkerCount = { expects: 'a whole number from 1 to 999' } as const

/** Those whose default depends on something else. */
export const staffingOptions = {
  processes: optional(wholeNumber(1, 999), {
    description: 'number of workers; those that the group starts with when there is a minimum and a maximum',
    ...aWorkerCount,
    otherwise: '`minimum-processes` if that is given, else 1',
    example: '2',
  }),
  'minimum-processes': optional(wholeNumber(1, 999), {
    description: 'to how many workers the group shrinks when it has little to do',
    ...aWorkerCount,
    otherwise: 'that of `processes`',
    example: '2',
  }),
  'maximum-processes': optional(wholeNumber(1, 999), {
    description: 'to how many workers the group grows while requests wait for a thread',
    ...aWorkerCount,
    otherwise: 'that of `processes`',
    example: '8',
  }),
  'inactivity-timeout': optional(duration(milliseconds(0)), {
    description:
      'after how long without a request the workers of an on-demand group stop; those of another group are replaced, to give back memory. 0: never',
    ...aDuration,
    otherwise: '10m with `start: on-demand`, else 0',
    example: '10m',
  }),
  'eviction-timeout': optional(duration(milliseconds(0)), {
    description: 'as `graceful-timeout`, for a worker that was sent SIGUSR1',
    ...aDuration,
    otherwise: 'that of `graceful-timeout`',
    example: '1m',
  }),
}

/** Those that every group has a value for. */
export const staffingSettings = {
  threads: optional(wholeNumber(1, 4096), {
    description: 'number of requests that one worker runs at a time',
    expects: 'a whole number from 1 to 4096',
    default: 15,
    example: '25',
  }),
  start: optional(z.enum(['always', 'on-demand']), {
    description: 'when workers run: `always`, or `on-demand` from the first request until `inactivity-timeout`',
    expects: 'always or on-demand',
    default: 'always',
    example: 'on-demand',
  }),
  preload: optional(z.boolean(), {
    description:
      'load the applications once, before the workers are forked: they start at once and share memory. Threads and connections that an application opens while it is loaded do not survive the fork; `post_fork(worker)` of its module is called in each worker (docs/operations.md, "Loading once for all workers")',
    expects: 'true or false',
    default: false,
    example: 'true',
  }),
  'script-reloading': optional(z.enum(['rolling', 'immediate', 'off']), {
    description:
      'what happens when a script has changed: `rolling` replaces the workers one by one, within about a second of a request; `immediate` answers the very next request by the new code; `off` waits for `wsgid reload`',
    expects: 'rolling, immediate or off',
    default: 'rolling',
    example: 'immediate',
  }),
  'maximum-requests': optional(wholeNumber(0, 1_000_000_000), {
    description: 'after how many requests a worker is replaced, its successor ready before; 0: never',
    expects: 'a whole number from 0 to 1000000000',
    default: 0,
    example: '1000',
  }),
  'maximum-requests-jitter': optional(wholeNumber(0, 1_000_000_000), {
    description:
      'each worker adds a random number up to this to `maximum-requests`, so that they are not replaced all at once',
    expects: 'a whole number from 0 to 1000000000',
    default: 0,
    example: '100',
  }),
  'restart-interval': optional(duration(milliseconds(0)), {
    description: 'after how long a worker is replaced, its successor ready before; 0: never',
    ...aDuration,
    default: 0,
    example: '1d',
  }),
  'maximum-memory': optional(size(bytes(0)), {
    description: 'resident memory (RSS) at which a worker is replaced, its successor ready before; 0 sets no limit',
    ...aSize,
    default: 0,
    example: '512MiB',
  }),
  'startup-timeout': optional(duration(milliseconds(1)), {
    description: 'how long a worker may take to start Python and load its applications',
    ...aPositiveDuration,
    default: '30s',
    example: '2m',
  }),
  'graceful-timeout': optional(duration(milliseconds(0)), {
    description: 'how long running requests may take to finish when a worker drains',
    ...aDuration,
    default: '15s',
    example: '1m',
  }),
  'shutdown-timeout': optional(duration(milliseconds(0)), {
    description: 'how long a worker that was told to stop may take before it is killed',
    ...aDuration,
    default: '5s',
    example: '10s',
  }),
}
