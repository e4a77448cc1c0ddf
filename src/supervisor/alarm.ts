// The clock of all machines, and the one timer of the supervisor: rings at the earliest deadline.
import { performance } from 'node:perf_hooks'
import { graceFor } from '../lifecycle/clock.ts'
import { instant, type Instant } from '../units.ts'

/** Node fires longer timers at once. */
const longestTimerMs = 2 ** 31 - 1

export class Alarm {
  readonly #ring: () => void
  #timer: NodeJS.Timeout | null = null
  #due: Instant | null = null
  /** Milliseconds in which this process did not run: they count for no deadline. */
  #skipped = 0

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** The monotonic clock, without the times in which this process was stopped while a deadline came. */
  now(): Instant {
    return instant(performance.now() - this.#skipped)
  }

  /** Sets the alarm anew; null: none. */
  set(due: Instant | null): void {
    if (due === this.#due && this.#timer !== null) return
    this.#due = due
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer =
      due === null
        ? null
        : setTimeout(() => this.#fire(due), Math.min(longestTimerMs, Math.max(0, due - this.now() + 1)))
  }

  #fire(due: Instant): void {
    this.#timer = null
    this.#due = null
    this.#skipped += graceFor(due, this.now())
    // Timers come before what has arrived: whatever the children have said by now is heard before a deadline is held against them.
    setImmediate(() => this.#ring())
  }
}
