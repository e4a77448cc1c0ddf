// Connections that got their last answer while their client still sends, or may. Closing such a one at once would make the kernel send a
// reset, which overtakes the answer (RFC 9112 §9.6): ours is ended, what comes is read and dropped for a while, then it is cut.
import type { Socket } from 'node:net'

/** Without a byte from the client for so long there is nothing to wait for. */
const SILENCE_MS = 2_000
/** And never longer than this. */
const LONGEST_MS = 30_000

type Wait = { readonly begunAt: number; bytes: number; changedAt: number }

export class Lingering {
  readonly #waits = new Map<Socket, Wait>()

  /** What was written still goes out; then this side is ended, and the client has a while to do the same. */
  begin(socket: Socket): void {
    if (this.#waits.has(socket)) return
    const now = performance.now()
    this.#waits.set(socket, { begunAt: now, bytes: socket.bytesRead, changedAt: now })
    socket.on('close', () => this.#waits.delete(socket))
    socket.end()
  }

  /** Cuts those whose client is silent or does not come to an end. To be called every second or so. */
  check(now: number): void {
    for (const [socket, wait] of this.#waits) {
      if (socket.bytesRead !== wait.bytes) {
        wait.bytes = socket.bytesRead
        wait.changedAt = now
      }
      // What waits to be written is the affair of the clients that take too long for it.
      const isOver = now - wait.changedAt >= SILENCE_MS && socket.writableFinished
      if (isOver || now - wait.begunAt >= LONGEST_MS) socket.destroy()
    }
  }
}
