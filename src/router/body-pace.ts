// How fast the body of a request comes: body-timeout, prolonged by what has come. Looked at now and then, no timer of its own.
import type { ClientRequest } from './client-message.ts'
import type { ClientLimits } from '../plan/plan.ts'

/** The body of one request on its way. */
export type BodyPace = {
  readonly request: ClientRequest
  /** performance.now() since when the client could have sent; Infinity while it waits to be asked. */
  since: number
  /** What the connection had brought by then. */
  readonly bytesBefore: number
}

/**
 * Whether the client takes too long. Time in which we did not read is not the client's.
 *
 * @param look the time now and since the last look, milliseconds; what the connection has brought, bytes
 */
export function isTooSlow(
  pace: BodyPace,
  look: Readonly<{ now: number; elapsed: number; bytes: number }>,
  { bodyTimeout, bodyMinimumRate }: ClientLimits,
): boolean {
  if (bodyTimeout === 0) return false
  if (pace.request.isPaused()) {
    pace.since += look.elapsed
    return false
  }
  const prolonged = bodyMinimumRate === 0 ? 0 : ((look.bytes - pace.bytesBefore) / bodyMinimumRate) * 1_000
  return look.now - pace.since > bodyTimeout + prolonged
}
