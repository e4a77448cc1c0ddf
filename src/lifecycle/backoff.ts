// How long to wait before a failed process is tried again. Pure: the random draw comes with the event.
import { instant, type Instant } from '../units.ts'

/** `setbacks` in a row; no new attempt before `retryAt`. */
export type Backoff = Readonly<{ setbacks: number; retryAt: Instant }>

const firstDelayMs = 1000
const longestDelayMs = 60_000
/** After so long without trouble the next setback counts as the first. */
const healthyAfterMs = 60_000

export const noBackoff: Backoff = { setbacks: 0, retryAt: instant(0) }

/**
 * Counts a failure and says when to try again: the first `free` failures at once, then 1 s, 2 s, … 60 s, each shortened by up to
 * half at random, so that many groups that failed together do not come back together.
 *
 * A failure that comes while an earlier one is being waited out belongs to that one: four workers that fail on the same broken
 * script are one setback.
 *
 * @param healthySince since when all was well before this failure; null: it was not
 * @param random in [0, 1)
 */
export function setBack(
  backoff: Backoff,
  failure: { at: Instant; free: number; healthySince: Instant | null; random: number },
): Backoff {
  const { at, free, healthySince, random } = failure
  if (backoff.retryAt > at) return backoff
  const recovered = healthySince !== null && at - healthySince >= healthyAfterMs
  const setbacks = recovered ? 1 : backoff.setbacks + 1
  if (setbacks <= free) return { setbacks, retryAt: at }
  const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** (setbacks - free - 1))
  return { setbacks, retryAt: instant(at + delay * (1 - random / 2)) }
}
