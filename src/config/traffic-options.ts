// Options of a group about requests on their way: how long they may take or wait, how large they may be. Knows no machine.
import { bytes, milliseconds } from '../units.ts'
import { aDuration, aSize } from './expectations.ts'
import { accessLogChoice, anAccessLog } from './access-log-option.ts'
import { optional } from './option.ts'
import { duration, size, wholeNumber } from './values.ts'

/** Those whose default depends on something else. */
export const trafficOptions = {
  'response-socket-timeout': optional(duration(milliseconds(0)), {
    description:
      'how long a client may take nothing of a response that waits for it; then its connection is cut. 0: for ever',
    ...aDuration,
    otherwise: 'that of `socket-timeout`',
    example: '30s',
  }),
  'access-log': optional(accessLogChoice, {
    description:
      "a line for each request of the group in GROUP.access.log in `log-dir`, and not in the server's; `off`: in neither",
    ...anAccessLog,
    otherwise: 'with those of the server, see `access-log` of wsgid.yaml',
    example: 'json',
  }),
}

/** Those that every group has a value for. */
export const trafficSettings = {
  'request-timeout': optional(duration(milliseconds(0)), {
    description:
      'how long one request may run, exactly; then it is answered by 504, the stack of its thread is logged and the worker is replaced. 0: for ever',
    ...aDuration,
    default: '60s',
    example: '5m',
  }),
  'slow-requests': optional(duration(milliseconds(0)), {
    description:
      'log the stack of the thread of a request that runs longer than this, once, with its id; also all stacks of a worker in which nothing could run for so long. 0: never',
    ...aDuration,
    default: 0,
    example: '5s',
  }),
  'interrupt-timeout': optional(duration(milliseconds(0)), {
    description:
      'at `request-timeout`, first raise `mod_wsgi.RequestTimeout` in the thread of the request, and replace the worker only if that has not ended it after this long; 0: replace at once',
    ...aDuration,
    default: 0,
    example: '5s',
  }),
  'deadlock-timeout': optional(duration(milliseconds(0)), {
    description:
      "how long no Python code of a worker may run because a C call keeps the interpreter's lock; then it is killed. 0: for ever",
    ...aDuration,
    default: '60s',
    example: '2m',
  }),
  'queue-timeout': optional(duration(milliseconds(0)), {
    description:
      'how long a request may wait for a thread before it is answered by 504 (503 when no worker is ready). 0: for ever',
    ...aDuration,
    default: '45s',
    example: '10s',
  }),
  'listen-backlog': optional(wholeNumber(1, 65_535), {
    description: 'how many requests may wait for a thread; more wait for `connect-timeout` at most',
    expects: 'a whole number from 1 to 65535',
    default: 100,
    example: '500',
  }),
  'connect-timeout': optional(duration(milliseconds(0)), {
    description: 'how long a request may wait behind `listen-backlog` others before it is answered by 503',
    ...aDuration,
    default: '15s',
    example: '5s',
  }),
  'socket-timeout': optional(duration(milliseconds(0)), {
    description:
      'longest silence of a worker within a request, between two pieces of its response too; then 504, or the connection is cut if the response has begun. 0: for ever',
    ...aDuration,
    default: '60s',
    example: '5m',
  }),
  'limit-request-body': optional(size(bytes(0)), {
    description: 'largest request body, a larger one is answered by 413; 0 sets no limit',
    ...aSize,
    default: 0,
    example: '10MiB',
  }),
  'response-buffer-size': optional(size(bytes(65_536)), {
    description: 'how much of one response the router takes off a worker ahead of a slow client',
    expects: 'a size of at least 64KiB, such as 1048576 (bytes), 10MiB or 1GiB',
    unit: 'bytes',
    default: '8MiB',
    example: '16MiB',
  }),
}
