// What a router says to its supervisor goes out here, and only here.
import type { FromRouter } from '../protocol/supervision.ts'

/** Says it, if there still is a supervisor. */
export function tell(message: FromRouter): void {
  if (!process.connected) return
  // A supervisor that was killed just now takes nothing any more, before 'disconnect' tells us: with a callback the failure stays here,
  // without one it would be an uncaught 'error' that ends the router with all that it serves. 'disconnect' then starts the drain.
  process.send?.(message, undefined, undefined, () => undefined)
}
