// The requests of a group that wait for a worker, in order of arrival.
import type { Exchange } from './exchange.ts'

/** A FIFO whose members may leave early (the client went away): those are skipped when their turn comes. */
export class RequestQueue {
  #items: Exchange[] = []
  #head = 0

  /** How many wait, without those that have ended meanwhile. */
  get length(): number {
    this.#dropDone()
    return this.#items.length - this.#head
  }

  push(exchange: Exchange): void {
    this.#items.push(exchange)
  }

  /** Puts a request back to its place by arrival: before all that came after it. */
  putBack(exchange: Exchange): void {
    let index = this.#head
    while (index < this.#items.length && (this.#items[index]?.sequence ?? 0) < exchange.sequence) index += 1
    this.#items.splice(index, 0, exchange)
  }

  peek(): Exchange | undefined {
    this.#dropDone()
    return this.#items[this.#head]
  }

  shift(): Exchange | undefined {
    const first = this.peek()
    if (first !== undefined) this.#advance()
    return first
  }

  /** Takes out those beyond the first `places` that arrived at `since` or before, the oldest first. */
  takeOverflow(places: number, since: number): Exchange[] {
    const overflow: Exchange[] = []
    const waiting = this.#items.slice(this.#head).filter((exchange) => !exchange.done)
    while (waiting.length > places && (waiting[places]?.arrivedAt ?? Infinity) <= since) {
      overflow.push(...waiting.splice(places, 1))
    }
    this.#items = waiting
    this.#head = 0
    return overflow
  }

  #dropDone(): void {
    while (this.#items[this.#head]?.done === true) this.#advance()
  }

  #advance(): void {
    this.#head += 1
    if (this.#head === this.#items.length) {
      this.#items = []
      this.#head = 0
    } else if (this.#head >= 1024) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }
}
