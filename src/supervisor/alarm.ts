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
  /** Milliseconds in which this process may not have run: they count for no deadline. */
  #skipped = 0
  #alive: Instant

  constructor(ring: () => void) {
    this.#ring = ring
    this.#alive = this.#passed()
  }

  /** The monotonic clock, without the times in which this process was stopped while a deadline came. */
  now(): Instant {
    // What arrived in such a time may be heard before the timer fires: each look at the clock notices the gap.
    if (this.#due !== null) this.#skipped += graceFor(this.#alive, this.#due, this.#passed())
    this.#alive = this.#passed()
    return this.#alive
  }

  /** Sets the alarm anew; null: none. */
  set(due: Instant | null): void {
    if (due === this.#due && this.#timer !== null) return
    this.#due = due
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer =
      due === null ? null : setTimeout(() => this.#fire(), Math.min(longestTimerMs, Math.max(0, due - this.now() + 1)))
  }

  #fire(): void {
    this.#timer = null
    // Node counts from the beginning of a turn of its loop and so may be early; or a gap has just been noticed.
    if (this.#due !== null && this.now() < this.#due) {
      this.set(this.#due)
      return
    }
    this.#due = null
    // Timers come before what has arrived: whatever the children have said by now is heard before a deadline is held against them.
    setImmediate(() => this.#ring())
  }

  #passed(): Instant {
    return instant(performance.now() - this.#skipped)
  }
}
