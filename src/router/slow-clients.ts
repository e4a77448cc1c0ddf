// Clients that take nothing of what waits for them: after response-socket-timeout their connection is cut. Only those that a write
// had to wait for are here; nothing is armed for the others.
import type { Taker } from './client-message.ts'

type Stall = { timeout: number; waiting: number; since: number }

export class SlowClients {
  readonly #stalls = new Map<Taker, Stall>()

  /** Something waits for this client. `timeout` in milliseconds, 0 = for ever. */
  watch(taker: Taker, timeout: number): void {
    if (timeout > 0 && !this.#stalls.has(taker)) {
      this.#stalls.set(taker, { timeout, waiting: taker.writableLength, since: performance.now() })
    }
  }

  /** Cuts those that took nothing for too long; forgets those that took everything. Call it every second or so. */
  check(now: number): void {
    for (const [taker, stall] of this.#stalls) {
      const waiting = taker.writableLength
      if (waiting === 0 || taker.destroyed) this.#stalls.delete(taker)
      else if (waiting !== stall.waiting) {
        stall.waiting = waiting
        stall.since = now
      } else if (now - stall.since >= stall.timeout) {
        this.#stalls.delete(taker)
        taker.destroy()
      }
    }
  }
}
