// Clients that take nothing of what waits for them: after response-socket-timeout their connection is cut. Only those that a write
// had to wait for are here; nothing is armed for the others.
import type { Socket } from 'node:net'

type Stall = { timeout: number; waiting: number; since: number }

export class SlowClients {
  readonly #stalls = new Map<Socket, Stall>()

  /** Something waits for this client. `timeout` in milliseconds, 0 = for ever. */
  watch(socket: Socket, timeout: number): void {
    if (timeout > 0 && !this.#stalls.has(socket)) {
      this.#stalls.set(socket, { timeout, waiting: socket.writableLength, since: performance.now() })
    }
  }

  /** Cuts those that took nothing for too long; forgets those that took everything. Call it every second or so. */
  check(now: number): void {
    for (const [socket, stall] of this.#stalls) {
      const waiting = socket.writableLength
      if (waiting === 0 || socket.destroyed) this.#stalls.delete(socket)
      else if (waiting !== stall.waiting) {
        stall.waiting = waiting
        stall.since = now
      } else if (now - stall.since >= stall.timeout) {
        this.#stalls.delete(socket)
        socket.destroy()
      }
    }
  }
}
