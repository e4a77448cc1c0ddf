// How much of a streamed response the router holds for its client, and when its worker gets credit back: at once while little is
// held, else when the client has taken it.
import { ProtocolViolation, INITIAL_RESPONSE_CREDIT } from '../protocol/frames.ts'

/** Credit goes back to a worker in steps of this many bytes, each of which wakes it up. */
const CREDIT_STEP = 524_288
/** What one response may hold when all together hold too much. */
const LEAST_HELD = 65_536

/** Takes the response. */
type Client = { readonly writableLength: number; once(event: 'drain', listener: () => void): unknown }

/** What all responses together hold, and may hold before each gets no more than a minimum; and what one may hold. */
type FlowLimits = { readonly budget: { held: number; readonly limit: number }; readonly responseBufferSize: number }

/** `grant` gives the worker credit; `resumed` ends a wait for the client. */
type FlowEvents = { grant: (amount: number) => void; resumed: () => void }

export class ResponseFlow {
  /** The client has not yet taken what it must take before the worker may go on. */
  waitsForClient = false
  readonly #response: Client
  readonly #limits: FlowLimits
  readonly #events: FlowEvents
  /** What the worker may still send. */
  #credit = INITIAL_RESPONSE_CREDIT
  /** Taken off the worker, not yet given back as credit. */
  #owed = 0
  #held = 0

  constructor(response: Client, limits: FlowLimits, events: FlowEvents) {
    this.#response = response
    this.#limits = limits
    this.#events = events
  }

  /** Body bytes have come from the worker. @throws ProtocolViolation when it had no credit for them */
  received(length: number): void {
    this.#credit -= length
    if (this.#credit < 0) throw new ProtocolViolation('more response bytes than it had credit for')
    this.#owed += length
  }

  /**
   * What was received is written to the response: gives credit back, now or when the client is ready.
   *
   * @param left bytes that the response still has; without surplus the worker needs credit for no more
   */
  written(left: number): void {
    this.#count(this.#response.writableLength)
    const { budget, responseBufferSize } = this.#limits
    const limit = budget.held > budget.limit ? LEAST_HELD : responseBufferSize
    if (this.#held >= limit) {
      this.#waitForClient()
    } else if (this.#owed >= CREDIT_STEP && (left > this.#credit || this.#credit === 0)) {
      this.#events.grant(this.#owed)
      this.#credit += this.#owed
      this.#owed = 0
    }
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
      this.#events.resumed()
    })
  }

  #count(held: number): void {
    this.#limits.budget.held += held - this.#held
    this.#held = held
  }
}
