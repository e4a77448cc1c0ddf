// The one timer of the supervisor: rings at the earliest deadline of all machines.
import { performance } from 'node:perf_hooks'
import { instant, type Instant } from '../units.ts'

/** Node fires longer timers at once. */
const longestTimerMs = 2 ** 31 - 1
/** When the alarm rings so much too late, this process did not run; what came meanwhile is still unread. */
const lateMs = 500

/** The monotonic clock. */
export const now = (): Instant => instant(performance.now())

export class Alarm {
  readonly #ring: () => void
  #timer: NodeJS.Timeout | null = null
  #due: Instant | null = null

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** Sets the alarm anew; null: none. */
  set(due: Instant | null): void {
    if (due === this.#due && this.#timer !== null) return
    this.#due = due
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer =
      due === null ? null : setTimeout(() => this.#fire(due), Math.min(longestTimerMs, Math.max(0, due - now() + 1)))
  }

  /** After a SIGSTOP or a suspend, the children get as long as it takes to be heard before a deadline is held against them. */
  #fire(due: Instant): void {
    this.#timer = null
    this.#due = null
    if (now() - due > lateMs) this.#timer = setTimeout(() => this.#strike(), lateMs)
    else this.#strike()
  }

  #strike(): void {
    this.#timer = null
    this.#ring()
  }
}
