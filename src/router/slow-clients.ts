// Clients that take nothing of what waits for them: after response-socket-timeout their connection is cut. Only those for which
// something was found waiting are here; nothing is armed for the others.
import type { Taker } from './client-message.ts'

type Stall = { readonly patience: number; taken: number; queued: number; since: number }

/** Where no group says how long, milliseconds: as response-socket-timeout by default. */
export const PATIENCE = 60_000

export class SlowClients {
  readonly #stalls = new Map<Taker, Stall>()

  /** Something waits for this client. `patience` in milliseconds, 0 = for ever. */
  watch(taker: Taker, patience: number): void {
    if (patience > 0 && !this.#stalls.has(taker)) {
      this.#stalls.set(taker, { patience, taken: takenBy(taker), queued: queuedFor(taker), since: performance.now() })
    }
  }

  /** Cuts those that took nothing for too long; forgets those that took everything. Call it every second or so. */
  check(now: number): void {
    for (const [taker, stall] of this.#stalls) {
      const taken = takenBy(taker)
      const queued = queuedFor(taker)
      if (taker.writableLength === 0 || taker.destroyed) this.#stalls.delete(taker)
      else if (taken !== stall.taken || queued !== stall.queued) {
        stall.taken = taken
        stall.queued = queued
        stall.since = now
      } else if (now - stall.since >= stall.patience) {
        this.#stalls.delete(taker)
        taker.destroy()
      }
    }
  }
}

/** Bytes of writes that are complete. What waits would not tell: as much may be written as is taken, a file for example part by part. */
function takenBy(taker: Taker): number {
  return taker.bytesWritten - taker.writableLength
}

/**
 * Bytes that the kernel has not taken of the write that is under way. All that collects behind one write is the next one, as large as
 * response-buffer-size: to be complete takes a slow client longer than its patience. Under TLS the connection below tells it.
 */
function queuedFor({ _handle: handle }: Taker): number {
  return (handle?._parent ?? handle)?.writeQueueSize ?? 0
}
