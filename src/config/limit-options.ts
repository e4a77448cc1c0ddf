// Options of wsgid.yaml about what one client may send and keep open: what every server has on the network. Knows no machine.
import type { z } from 'zod'
import { bytes, milliseconds } from '../units.ts'
import { aDuration, aPositiveDuration, aSize } from './expectations.ts'
import { optional } from './option.ts'
import { duration, size, wholeNumber } from './values.ts'

export const limitOptions = {
  'limit-request-line': optional(size(bytes(64)), {
    description: 'longest request line (method, target and version); a longer one is answered by 414',
    expects: 'a size of at least 64 bytes, such as 8190 or 16KiB',
    unit: 'bytes',
    default: 8190,
    example: '16KiB',
  }),
  'limit-request-header': optional(size(bytes(1024)), {
    description: 'largest header: names and values of all fields and the target; a larger one is answered by 431',
    expects: 'a size of at least 1KiB, such as 32768 (bytes) or 64KiB',
    unit: 'bytes',
    default: '64KiB',
    example: '32KiB',
  }),
  'limit-request-fields': optional(wholeNumber(1, 32_767), {
    description: 'how many header fields a request may have; more are answered by 431',
    expects: 'a whole number from 1 to 32767',
    default: 100,
    example: '50',
  }),
  'header-timeout': optional(duration(milliseconds(0)), {
    description:
      'how long the header of a request may take to arrive, on a new connection from its beginning; then 408, or nothing where nothing was sent. 0: for ever',
    ...aDuration,
    default: '20s',
    example: '10s',
  }),
  'body-timeout': optional(duration(milliseconds(0)), {
    description:
      'how long the body of a request may take to arrive, and one second more for each `body-minimum-rate` bytes that have come; then 408. While wsgid itself lets it wait, the time does not count. 0: for ever',
    ...aDuration,
    default: '20s',
    example: '1m',
  }),
  'body-minimum-rate': optional(size(bytes(0)), {
    description: 'bytes a second that prolong `body-timeout`; 0: nothing prolongs it',
    ...aSize,
    default: 500,
    example: '1KiB',
  }),
  'keep-alive-timeout': optional(duration(milliseconds(1)), {
    description: 'how long a connection may be without a request before it is closed',
    ...aPositiveDuration,
    default: '60s',
    example: '5s',
  }),
  'maximum-connections': optional(wholeNumber(0, 1_000_000), {
    description:
      'how many client connections may be open on all listeners, shared out evenly among the routers; more are answered by 503, or closed when their PROXY header or TLS handshake is not complete. 0: no limit',
    expects: 'a whole number from 0 to 1000000',
    default: 20_000,
    example: '5000',
  }),
  'maximum-connections-per-address': optional(wholeNumber(0, 1_000_000), {
    description:
      'how many connections one client address may have open at each router; more are answered by 503. 0: no limit, as behind a proxy',
    expects: 'a whole number from 0 to 1000000',
    default: 0,
    example: '100',
  }),
}

type LimitOptions = Readonly<{ [Name in keyof typeof limitOptions]: z.output<(typeof limitOptions)[Name]> }>

/** The limits under their names in code. */
export type LimitsConfiguration = ReturnType<typeof limitsOf>

/** Takes them out of the options of wsgid.yaml, completed by the defaults. */
export function limitsOf(options: LimitOptions) {
  return {
    requestLine: options['limit-request-line'],
    requestHeader: options['limit-request-header'],
    requestFields: options['limit-request-fields'],
    headerTimeout: options['header-timeout'],
    bodyTimeout: options['body-timeout'],
    bodyMinimumRate: options['body-minimum-rate'],
    keepAliveTimeout: options['keep-alive-timeout'],
    maximumConnections: options['maximum-connections'],
    maximumConnectionsPerAddress: options['maximum-connections-per-address'],
  }
}
