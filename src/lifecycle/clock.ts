// What becomes of deadlines when this process did not run for a while. Pure.
import { milliseconds, type Instant, type Milliseconds } from '../units.ts'

/** A loop that is busy wakes up late, too, but never by so much. */
const lateMs = 1000

/**
 * How much longer every deadline is to last: after a SIGSTOP or a suspend, what the children said meanwhile is still unread, and they may not
 * have run either.
 *
 * @param due what the alarm was set for
 * @param woke when it rang
 */
export function graceFor(due: Instant, woke: Instant): Milliseconds {
  return milliseconds(woke - due > lateMs ? woke - due : 0)
}
