// What a router says to its supervisor goes out here, and only here.
import type { FromRouter } from '../protocol/supervision.ts'

/** Lines for logs hold what clients have sent, of any length: no longer ones than this go out, whatever their limits allow. */
const LONGEST_LINE = 16_384

/** Says it, if there still is a supervisor. */
export function tell(message: FromRouter): void {
  if (!process.connected) return
  // A supervisor that was killed just now takes nothing any more, before 'disconnect' tells us: with a callback the failure stays here,
  // without one it would be an uncaught 'error' that ends the router with all that it serves. 'disconnect' then starts the drain.
  process.send?.(message, undefined, undefined, () => undefined)
}

type Line = Extract<FromRouter, { type: 'log' }>

/** A line for the log of a group, or of the server. */
export function say(line: Omit<Line, 'type'>): void {
  const { text } = line
  tell({ ...line, type: 'log', text: text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text })
}
