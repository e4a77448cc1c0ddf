// How much of a streamed response the router holds for its client, and when its worker gets credit back: at once while little is
// held, else when the client has taken it.
import { LARGEST_FIRST_CREDIT, ProtocolViolation } from '../protocol/frames.ts'

/** Credit goes back to a worker in steps of this many bytes, each of which wakes it up, or of half of what it may have. */
const CREDIT_STEP = 524_288
/** What one response may hold, and its worker send beyond, when all together hold too much. */
const LEAST_HELD = 65_536

/** Takes the response. */
type Client = { readonly writableLength: number; once(event: 'drain', listener: () => void): unknown }

/** What all responses together hold, and may hold before each gets no more than a minimum; and what one may hold. */
type FlowLimits = { readonly budget: { held: number; readonly limit: number }; readonly responseBufferSize: number }

/** `firstCredit` is what the worker has without being given it; `grant` gives it more; `resumed` ends a wait for the client. */
type FlowWorker = { readonly firstCredit: number; grant: (amount: number) => void; resumed: () => void }

export class ResponseFlow {
  /** The client has not yet taken what it must take before the worker may go on. */
  waitsForClient = false
  readonly #response: Client
  readonly #limits: FlowLimits
  readonly #worker: FlowWorker
  /** What the worker may still send. */
  #credit: number
  #held = 0

  constructor(response: Client, limits: FlowLimits, worker: FlowWorker) {
    this.#response = response
    this.#limits = limits
    this.#worker = worker
    this.#credit = worker.firstCredit
  }

  /** Body bytes have come from the worker. @throws ProtocolViolation when it had no credit for them */
  received(length: number): void {
    this.#credit -= length
    if (this.#credit < 0) throw new ProtocolViolation('more response bytes than it had credit for')
  }

  /**
   * What was received is written to the response: gives credit, now or when the client is ready. The worker's credit comes on top of what is held: it is
   * never more than may be held, nor than pays.
   *
   * @param left bytes that the response still has; without surplus the worker needs credit for no more
   */
  written(left: number): void {
    this.#count(this.#response.writableLength)
    const { budget, responseBufferSize } = this.#limits
    const limit = budget.held > budget.limit ? LEAST_HELD : responseBufferSize
    if (this.#held >= limit) return this.#waitForClient()
    const most = Math.min(limit, LARGEST_FIRST_CREDIT)
    const missing = most - this.#credit
    if (missing < Math.min(CREDIT_STEP, most / 2) || (left <= this.#credit && this.#credit > 0)) return
    this.#worker.grant(missing)
    this.#credit = most
  }

  /** The response is over: what it still holds is the client's socket's affair. */
  end(): void {
    this.#count(0)
  }

  #waitForClient(): void {
    if (this.waitsForClient) return
    this.waitsForClient = true
    this.#response.once('drain', () => {
      this.waitsForClient = false
      this.#worker.resumed()
    })
  }

  #count(held: number): void {
    this.#limits.budget.held += held - this.#held
    this.#held = held
  }
}
