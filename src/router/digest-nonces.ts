// The nonces of the Digest scheme (RFC 7616 §3.3): made from the time and a secret, so that none need be kept until it was used; then its
// counts are, each of which is good once.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const LIFETIME_MS = 300_000
const MOST_IN_USE = 10_000
/** Requests of a page come on several connections and not in order: so far behind the highest count a new one may be. */
const WINDOW = 64

type Use = { readonly madeAt: number; highest: number; readonly seen: Set<number> }

export class DigestNonces {
  readonly #secret: string
  readonly #used = new Map<string, Use>()
  /** Of what is older and not kept, nobody knows whether it was used. */
  #forgottenUntil = 0

  /** @param secret shared by all routers: a nonce of one is good at the others */
  constructor(secret: string) {
    this.#secret = secret
  }

  make(now = Date.now()): string {
    const text = `${now.toString(36)}.${randomBytes(9).toString('base64url')}`
    return `${text}.${this.#sign(text)}`
  }

  /**
   * Takes a nonce with its count into use.
   *
   * @returns false: not ours, too old, or that count was there before
   */
  use(nonce: string, count: number, now = Date.now()): boolean {
    const madeAt = this.#timeOf(nonce)
    if (madeAt === undefined || now - madeAt > LIFETIME_MS || madeAt > now || count < 1) return false
    const use = this.#used.get(nonce)
    if (use !== undefined) return take(use, count)
    if (madeAt <= this.#forgottenUntil) return false
    this.#used.set(nonce, { madeAt, highest: count, seen: new Set([count]) })
    if (this.#used.size > MOST_IN_USE) this.#forgetOne()
    return true
  }

  #forgetOne(): void {
    const [oldest] = this.#used
    if (oldest === undefined) return
    this.#used.delete(oldest[0])
    this.#forgottenUntil = Math.max(this.#forgottenUntil, oldest[1].madeAt)
  }

  #timeOf(nonce: string): number | undefined {
    const [time = '', random = '', signature = '', ...rest] = nonce.split('.')
    const wanted = Buffer.from(this.#sign(`${time}.${random}`))
    const given = Buffer.from(signature)
    if (rest.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined
    return parseInt(time, 36)
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url')
  }
}

function take(use: Use, count: number): boolean {
  if (count <= use.highest - WINDOW || use.seen.has(count)) return false
  use.seen.add(count)
  use.highest = Math.max(use.highest, count)
  if (use.seen.size > 2 * WINDOW) for (const old of use.seen) if (old <= use.highest - WINDOW) use.seen.delete(old)
  return true
}
