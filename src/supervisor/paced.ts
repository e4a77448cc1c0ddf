// Work that strangers ask for, at a pace of its own: however many ask, and however often, it takes a bounded part of the time. Knows not what it is.

/** Of the time, a fifth is for work at most. */
const restFactor = 4

/**
 * One at a time is worked for all who ask meanwhile. Then there is a rest, four times as long; who asks during it waits for its end and gets
 * what is found out then, nothing older.
 */
export function paced<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let next: Promise<Value> | null = null
  let restUntil = 0
  const begin = async (): Promise<Value> => {
    const rest = restUntil - performance.now()
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest).unref())
    const begun = performance.now()
    try {
      return await work()
    } finally {
      const ended = performance.now()
      restUntil = ended + restFactor * (ended - begun)
      next = null
    }
  }
  return () => (next ??= begin())
}
