// Work that strangers ask for, at a pace of its own: however many ask, and however often, it takes a bounded part of the time. Knows not what it is.

/** Of the time, a fifth is for work at most. */
const restFactor = 4

/** What works have in common that take turns: together they have no more of the time than one. */
export class Pace {
  #last: Promise<unknown> = Promise.resolve()
  #restUntil = 0

  /** Works when what was asked for earlier is done and the rest after it over. */
  take<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(() => this.#afterRest(work))
    // How it ends is told to who asked.
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #afterRest<Value>(work: () => Promise<Value>): Promise<Value> {
    const rest = this.#restUntil - performance.now()
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest).unref())
    const begun = performance.now()
    try {
      return await work()
    } finally {
      const ended = performance.now()
      this.#restUntil = ended + restFactor * (ended - begun)
    }
  }
}

/**
 * One at a time is worked for all who ask meanwhile. Then there is a rest, four times as long; who asks during it waits for its end and gets
 * what is found out then, nothing older.
 *
 * @param pace of this work alone, or shared: then the rest after another work is waited for, too
 */
export function paced<Value>(pace: Pace, work: () => Promise<Value>): () => Promise<Value> {
  let next: Promise<Value> | null = null
  return () =>
    (next ??= pace.take(work).finally(() => {
      next = null
    }))
}
