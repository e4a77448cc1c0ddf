// What a client may send, as far as it is known with the head of its request: request line and number of fields. The length of the head is
// the parser's business; bodies are in body-pace.ts, connections in client-connections.ts.
import type { ClientLimits } from '../plan/plan.ts'
import type { ClientRequest } from './client-message.ts'
import { bytes, milliseconds } from '../units.ts'

/** Before the supervisor has said what holds; nobody connects until then. */
export const FIRST_LIMITS: ClientLimits = {
  requestLine: bytes(8190),
  requestHeader: bytes(65_536),
  requestFields: 100,
  headerTimeout: milliseconds(20_000),
  bodyTimeout: milliseconds(20_000),
  bodyMinimumRate: bytes(500),
  keepAliveTimeout: milliseconds(60_000),
  maximumConnections: 0,
  maximumConnectionsPerAddress: 0,
}

/** Why a request is refused before it is looked at; undefined when it keeps within the limits. */
export function overLimit(
  { requestLine, requestFields }: ClientLimits,
  { method = '', url = '', rawHeaders }: ClientRequest,
): Readonly<{ status: 414 | 431; why: string }> | undefined {
  // "GET / HTTP/1.1": two blanks and the version besides.
  if (method.length + url.length + 10 > requestLine)
    return { status: 414, why: `the request line is longer than limit-request-line (${requestLine} bytes)` }
  if (rawHeaders.length > 2 * requestFields)
    return { status: 431, why: `${rawHeaders.length / 2} header fields, limit-request-fields is ${requestFields}` }
  return undefined
}
