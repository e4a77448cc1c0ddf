// Everything that reaches the supervisor goes through one queue, one at a time, in the order of arrival.

export class Inbox<Input> {
  readonly #handle: (input: Input) => void
  readonly #afterwards: () => void
  readonly #waiting: Input[] = []
  #busy = false

  /** @param afterwards called whenever the queue has run empty */
  constructor(handle: (input: Input) => void, afterwards: () => void) {
    this.#handle = handle
    this.#afterwards = afterwards
  }

  /** Handles an input now, or after those that wait when it comes up while another one is handled. */
  post(input: Input): void {
    this.#waiting.push(input)
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#handle(next)
    } finally {
      this.#busy = false
    }
    this.#afterwards()
  }
}
