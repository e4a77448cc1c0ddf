// How many requests a worker is given ahead of its free threads, and when they are taken back. Knows of a worker what its connection counts; which
// worker is asked, and when, is decided in dispatcher.ts.

/** A worker's connection, as far as it matters here. */
type Loaded<Request> = {
  readonly threads: number
  readonly outstanding: { readonly size: number; values(): readonly Request[] }
  /** Moving average of how long the application takes, microseconds. */
  serviceTime: number
  /** When it last ended a request, performance.now(). */
  readonly progressedAt: number
  recall(request: Request): void
}

/** How much work a fast worker may hold beyond its threads, microseconds: covers the way of a batch through the router. */
const FAST_WORTH = 1_000
const MOST_PREFETCHED = 64
/**
 * A slower one gets what its threads are expected to begin within so many microseconds, so that a thread that is free need not wait for the router; of
 * applications that take longer than the other limit that wait is too small a part to matter.
 */
const SOON = 10_000
const SLOWEST = 20_000
/** A worker that ended nothing for so long, with more requests than threads, has those taken back. */
const STALL_MS = 5

/** Requests a worker may hold: one a thread, and some ahead. */
export function capacity(worker: Loaded<unknown>): number {
  const { threads, serviceTime } = worker
  if (serviceTime > FAST_WORTH) return threads + soon(worker)
  return threads + Math.min(Math.floor(FAST_WORTH / Math.max(serviceTime, 1)), MOST_PREFETCHED)
}

/** Requests that wait there for a thread; below 0: so many threads are free. */
export function excess({ outstanding, threads }: Loaded<unknown>): number {
  return outstanding.size - threads
}

/** Whether somebody must look every few milliseconds if it is stalled. What a slow worker has ahead is looked after when another one has ended something. */
export function mustBeWatched(worker: Loaded<unknown>): boolean {
  return excess(worker) > soon(worker)
}

/** Whether it lets requests wait for longer than was expected. A slow one may take twice its usual time: its threads may have begun, and end, all at once. */
export function isStalled(worker: Loaded<unknown>, now: number): boolean {
  const ahead = excess(worker)
  if (ahead <= 0) return false
  const patience = ahead > soon(worker) ? STALL_MS : Math.max(STALL_MS, (2 * worker.serviceTime) / 1_000)
  return now - worker.progressedAt >= patience
}

/** Takes back what waits there. */
export function recallExcess<Request>(worker: Loaded<Request>): void {
  for (const request of worker.outstanding.values().slice(worker.threads)) worker.recall(request)
}

/** Takes back what waits at a stalled worker: it gets none ahead until it has proved to be quick again. */
export function giveUpOn(worker: Loaded<unknown>): void {
  worker.serviceTime = Math.max(worker.serviceTime, 2 * SLOWEST)
  recallExcess(worker)
}

/** How many requests a slow worker may have ahead; 0 for a fast one, which is treated otherwise. */
function soon({ threads, serviceTime }: Loaded<unknown>): number {
  if (serviceTime <= FAST_WORTH || serviceTime > SLOWEST) return 0
  return Math.min(threads, Math.floor((threads * SOON) / serviceTime))
}
