// Counts the requests of one group that have ended: since the router knows the group, and of late. On the request path: nothing
// is allocated for a request. Knows nothing of routers, reports and other groups.
import {
  addCounts,
  countEnd,
  countLatency,
  countQueueing,
  emptyCounts,
  END_CAUSES,
  type EndCause,
} from '../protocol/request-counts.ts'

/** "Of late": in the last minute, since a mark that is this old or little older. */
const WINDOW_MS = 60_000
/** mark() is to be called this often. */
export const MARK_MS = 5_000

/** What of a request that has ended is counted. Times by performance.now(). */
export type EndedRequest = Readonly<{
  /** 0: nothing was answered. */
  status: number
  arrivedAt: number
  /** -1: it was never complete. */
  queuedAt: number
  /** -1: it was never sent to a worker. */
  sentAt: number
}>

/** What had been counted at a time. */
type Mark = Readonly<{ at: number; counts: Float64Array }>

export class RequestStatistics {
  /** Since the beginning. */
  readonly counts = emptyCounts()
  /** The oldest first: the beginning of the window. None: nothing has ended in it. */
  readonly #marks: Mark[] = []
  readonly #bornAt: number
  #isNew = false

  constructor(now: number) {
    this.#bornAt = now
  }

  /** Nothing was ever counted. */
  get isEmpty(): boolean {
    return this.counts.every((count) => count === 0)
  }

  /** Nothing has ended in the window: as long as nothing does, there is nothing to mark. */
  get isSettled(): boolean {
    return this.#marks.length === 0
  }

  count(request: EndedRequest, cause: EndCause, now: number): void {
    const { counts } = this
    if (this.#marks.length === 0) this.#marks.push({ at: this.#windowAt(now), counts: counts.slice() })
    this.#isNew = true
    countEnd(counts, request.status, cause === 'ok' ? 0 : END_CAUSES.indexOf(cause))
    countLatency(counts, now - request.arrivedAt)
    if (request.queuedAt >= 0) countQueueing(counts, (request.sentAt < 0 ? now : request.sentAt) - request.queuedAt)
  }

  /** The window moves on. To be called every MARK_MS until it is settled. */
  mark(now: number): void {
    const last = this.#marks.at(-1)
    if (last === undefined) return
    this.#marks.push({ at: now, counts: this.#isNew ? this.counts.slice() : last.counts })
    this.#isNew = false
    while ((this.#marks[1]?.at ?? Infinity) <= now - WINDOW_MS) this.#marks.shift()
    // All marks have the same row: nothing has ended since the first.
    if (this.#marks[0]?.counts === this.#marks.at(-1)?.counts) this.#marks.length = 0
  }

  /** What was counted in the window, and how long that is: a minute and up to MARK_MS; less when the group is younger. */
  recent(now: number): Readonly<{ seconds: number; counts: Float64Array }> {
    const [first] = this.#marks
    return first === undefined
      ? { seconds: (now - this.#windowAt(now)) / 1000, counts: emptyCounts() }
      : { seconds: (now - first.at) / 1000, counts: addCounts(this.counts.slice(), first.counts, -1) }
  }

  /** Where the window begins when nothing has ended in it. */
  #windowAt(now: number): number {
    return Math.max(this.#bornAt, now - WINDOW_MS)
  }
}
