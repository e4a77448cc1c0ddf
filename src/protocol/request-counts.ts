// What a router counts of a group's requests: one row of numbers, that routers fill and send and that the supervisor adds up. Pure.

/**
 * How a request ended, as HAProxy's termination state:
 * `ok`: the application's response went out whole; `refused`: wsgid answered without asking an application, or would not go on;
 * `failed`: the application or its worker gave no answer, wsgid answered in its place; `timeout`: one of wsgid's time limits did;
 * `cut`: the response had begun and was broken off by wsgid; `client-gone`: the client left before it had everything.
 */
export const END_CAUSES = ['ok', 'refused', 'failed', 'timeout', 'cut', 'client-gone'] as const
export type EndCause = (typeof END_CAUSES)[number]

/** By the status's first digit; `none`: nothing was answered. */
export const STATUS_CLASSES = ['none', 'other', '2xx', '3xx', '4xx', '5xx'] as const
export type StatusClass = (typeof STATUS_CLASSES)[number]

/** Upper bounds, inclusive, of the latencies that are counted together, milliseconds; what is longer than the last is counted too. */
export const LATENCY_BOUNDS: readonly number[] = [
  ...[0.5, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700],
  ...[1_000, 1_500, 2_000, 3_000, 5_000, 7_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000],
]

/** Where in the row what stands: ends by status class and cause, then latencies by bound, then sums. */
const LATENCIES = STATUS_CLASSES.length * END_CAUSES.length
const LATENCY_SUM = LATENCIES + LATENCY_BOUNDS.length + 1
const QUEUED = LATENCY_SUM + 1
const QUEUE_SUM = QUEUED + 1
export const COUNTS_LENGTH = QUEUE_SUM + 1

/** Read by the functions of this file only. Whole numbers but for the two sums of milliseconds. */
export type RequestCounts = ArrayLike<number>

export function emptyCounts(): Float64Array {
  return new Float64Array(COUNTS_LENGTH)
}

/** One end. @param status 0: nothing was answered. @param cause index in END_CAUSES */
export function countEnd(counts: Float64Array, status: number, cause: number): void {
  increment(counts, classOfStatus(status) * END_CAUSES.length + cause, 1)
}

/** Index in STATUS_CLASSES. @param status 0: nothing was answered */
export function classOfStatus(status: number): number {
  return status < 600 ? Math.trunc(status / 100) : STATUS_CLASSES.indexOf('other')
}

/** How long the request of that end took. */
export function countLatency(counts: Float64Array, milliseconds: number): void {
  let place = 0
  // Most are among the first; a search by halves would not be quicker.
  while (milliseconds > (LATENCY_BOUNDS[place] ?? Infinity)) place += 1
  increment(counts, LATENCIES + place, 1)
  increment(counts, LATENCY_SUM, milliseconds)
}

/** How long a request waited for a worker. */
export function countQueueing(counts: Float64Array, milliseconds: number): void {
  increment(counts, QUEUED, 1)
  increment(counts, QUEUE_SUM, milliseconds)
}

/** Adds `more` to `counts`; with -1 as `sign` takes it off. */
export function addCounts(counts: Float64Array, more: RequestCounts, sign: 1 | -1 = 1): Float64Array {
  for (let place = 0; place < COUNTS_LENGTH; place += 1) increment(counts, place, sign * (more[place] ?? 0))
  return counts
}

/** How many requests ended in each way; zeros are in it. */
export function endsOf(counts: RequestCounts): { status: StatusClass; cause: EndCause; count: number }[] {
  return STATUS_CLASSES.flatMap((status, row) =>
    END_CAUSES.map((cause, column) => ({ status, cause, count: counts[row * END_CAUSES.length + column] ?? 0 })),
  )
}

/** How many requests took so long: one number for each of LATENCY_BOUNDS, not cumulative, and one for what is longer. */
export function latenciesOf(counts: RequestCounts): number[] {
  return Array.from({ length: LATENCY_BOUNDS.length + 1 }, (_, place) => counts[LATENCIES + place] ?? 0)
}

/** Milliseconds of all requests together, from their arrival to their end. */
export function latencySumOf(counts: RequestCounts): number {
  return counts[LATENCY_SUM] ?? 0
}

/** Requests that were meant for a worker, and how long they waited for one, milliseconds. */
export function queueingOf(counts: RequestCounts): { requests: number; milliseconds: number } {
  return { requests: counts[QUEUED] ?? 0, milliseconds: counts[QUEUE_SUM] ?? 0 }
}

/**
 * The latency that this share of the requests did not exceed, as Prometheus' histogram_quantile tells it: in proportion between the
 * two bounds that it lies between.
 *
 * @param share 0 to 1, such as 0.99
 * @returns milliseconds; the last bound for what is longer; null without requests
 */
export function latencyQuantile(counts: RequestCounts, share: number): number | null {
  const latencies = latenciesOf(counts)
  const total = latencies.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const rank = share * total
  let before = 0
  for (const [place, count] of latencies.entries()) {
    const upper = LATENCY_BOUNDS[place]
    if (upper === undefined) break
    if (count > 0 && before + count >= rank) {
      const lower = LATENCY_BOUNDS[place - 1] ?? 0
      return lower + (upper - lower) * Math.max(0, (rank - before) / count)
    }
    before += count
  }
  return LATENCY_BOUNDS.at(-1) ?? null
}

function increment(counts: Float64Array, place: number, by: number): void {
  counts[place] = (counts[place] ?? 0) + by
}
