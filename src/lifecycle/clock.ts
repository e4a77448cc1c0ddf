// What becomes of deadlines when this process did not run for a while. Pure.
import { milliseconds, type Instant, type Milliseconds } from '../units.ts'

/** A loop that is busy wakes up late, too, but never by so much. */
const lateMs = 1000

/**
 * How much of the time that has passed is to count for no deadline: after a SIGSTOP or a suspend, what the children said meanwhile is still
 * unread, and they may not have run either. When it began is not known: it may have been right after the last sign of life.
 *
 * @param alive when this process last noticed the time
 * @param due   what the alarm was set for
 * @param woke  when it rang
 */
export function graceFor(alive: Instant, due: Instant, woke: Instant): Milliseconds {
  return milliseconds(woke - due > lateMs ? woke - alive : 0)
}
