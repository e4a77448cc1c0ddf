// Credentials that were right a moment ago, so that not every request of a page costs a hash. Keeps no password and nothing it could be had from.
import { createHmac, randomBytes } from 'node:crypto'

const LIFETIME_MS = 300_000
const MOST_REMEMBERED = 10_000

export class KnownLogins {
  readonly #key = randomBytes(32)
  /** When each was found right, oldest first. */
  readonly #known = new Map<string, number>()

  /** What stands for a credential: changes with the file, so that a changed file makes all forgotten. Each part must be without NUL but the last. */
  markOf(...parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(parts.join('\0'), 'latin1').digest('base64url')
  }

  isKnown(mark: string, now: number): boolean {
    const at = this.#known.get(mark)
    if (at === undefined) return false
    if (now - at < LIFETIME_MS) return true
    this.#known.delete(mark)
    return false
  }

  remember(mark: string, now: number): void {
    this.#known.delete(mark)
    this.#known.set(mark, now)
    if (this.#known.size <= MOST_REMEMBERED) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}
