// Decides which worker of a group gets which request: least busy first, a little ahead of need for fast applications, never
// behind a stuck one, again after a death. One dispatcher a group.
import type { DebugSelection, RouterGroup, Unavailability, WorkerAddress } from '../protocol/supervision.ts'
import type { EndCause } from '../protocol/request-counts.ts'
import { DebugWorker } from './debug-worker.ts'
import type { ActiveGroup } from './active-groups.ts'
import type { Exchange, ExchangeGroup, LogLevel } from './exchange.ts'
import type { RequestEnds } from './request-end.ts'
import { capacity, excess, giveUpOn, isStalled, mustBeWatched, recallExcess } from './prefetch.ts'
import { RequestStatistics } from './request-statistics.ts'
import { RequestQueue } from './request-queue.ts'
import { WorkerConnection, type ConnectionOwner } from './worker-connection.ts'

/** Requests of one group that may wait whatever its options say; more are answered 503 at once. */
const LONGEST_QUEUE = 10_000
/** A request that waits so long for a thread is a reason to scale. */
const PRESSURE_MS = 100

/** What a dispatcher reports to the supervisor's side. */
export type DispatcherEvents = {
  demand(group: string): void
  pressure(group: string, queued: number): void
  workerIdle(group: string, worker: number): void
  workerLost(group: string, worker: number, reason: string): void
  log(level: LogLevel, group: string, exchange: Exchange, text: string): void
}

/** What a dispatcher shares with the others of its router. */
export type DispatcherContext = Readonly<{
  router: number
  /** What all responses together hold for slow clients. */
  budget: { held: number; readonly limit: number }
  ends: RequestEnds
  watches: DispatcherWatches
  events: DispatcherEvents
}>

/** Who looks at the groups that have requests: calls expire, endSilent and recallFromStalled. */
export type DispatcherWatches = {
  /** From the first request on, until `isWatched` is taken back. */
  add(group: ActiveGroup): void
  /** A fast worker has got more requests than it has threads: recallFromStalled is to be called every few milliseconds. */
  prefetched(): void
}

export class Dispatcher implements ConnectionOwner, ExchangeGroup, ActiveGroup {
  settings: RouterGroup
  readonly budget: { held: number; readonly limit: number }
  readonly ends: RequestEnds
  /** Requests taken and not yet over; requests since the router started. */
  active = 0
  requests = 0
  readonly statistics = new RequestStatistics(performance.now())
  isWatched = false

  readonly #router: number
  readonly #watches: DispatcherWatches
  readonly #events: DispatcherEvents
  readonly #queue = new RequestQueue()
  /** Announced workers by number; those whose HELLO has come and that are not withdrawn also stand in #ready. */
  readonly #workers = new Map<number, WorkerConnection>()
  #ready: WorkerConnection[] = []
  /** Stands beside them: it gets what was chosen for it, and nobody counts on it. */
  #debugWorker: DebugWorker | null = null
  #sequence = 0
  /** Some slow worker may have requests ahead. */
  #hasSomeAhead = false
  #demanded = false

  constructor(settings: RouterGroup, context: DispatcherContext) {
    this.settings = settings
    this.#router = context.router
    this.budget = context.budget
    this.ends = context.ends
    this.#watches = context.watches
    this.#events = context.events
  }

  get name(): string {
    return this.settings.name
  }

  get processGroup(): string {
    return this.settings.processGroup
  }

  get responseBufferSize(): number {
    return this.settings.responseBufferSize
  }

  get responseSocketTimeout(): number {
    return this.settings.responseSocketTimeout
  }

  get queueLength(): number {
    return this.#queue.length
  }

  get connections(): Iterable<WorkerConnection> {
    return this.#workers.values()
  }

  /** Some worker holds so many more requests than it has threads that the stall watch must look. */
  get hasPrefetched(): boolean {
    return this.#ready.some(mustBeWatched)
  }

  // -- requests -------------------------------------------------------------------------------------------------------

  /** Takes a request whose head is complete (and whose body is at hand or an upload). */
  submit(exchange: Exchange): void {
    exchange.sequence = this.#sequence
    exchange.queuedAt = exchange.upload === undefined && exchange.body === '' ? exchange.arrivedAt : performance.now()
    this.#sequence += 1
    if (this.#debugWorker?.takes(exchange) === true) return
    const worker = this.#queue.length === 0 ? this.#leastBusy() : undefined
    if (worker !== undefined) return this.#send(exchange, worker)
    if (this.#queue.length >= LONGEST_QUEUE) return exchange.refuse(503, `${LONGEST_QUEUE} requests wait already`)
    this.#queue.push(exchange)
    this.#demandWorkers()
  }

  exchangeBegan(): void {
    this.active += 1
    this.requests += 1
    if (!this.isWatched) this.#watches.add(this)
  }

  exchangeEnded(exchange: Exchange, cause: EndCause): void {
    this.active -= 1
    this.statistics.count(exchange, cause, performance.now())
  }

  log(level: LogLevel, exchange: Exchange, text: string): void {
    this.#events.log(level, this.name, exchange, text)
  }

  /** Ends the waiting of requests that have waited too long, and reports pressure. To be called every 100 ms. */
  expire(now: number): void {
    if (this.#hasSomeAhead) this.recallFromStalled(now)
    if (this.#queue.length === 0) return
    const { queueTimeout, connectTimeout, listenBacklog } = this.settings
    const oldest = queueTimeout > 0 ? now - queueTimeout : -Infinity
    for (let first = this.#queue.peek(); first !== undefined && first.arrivedAt <= oldest; first = this.#queue.peek()) {
      this.#queue.shift()
      if (this.#ready.length > 0) first.refuse(504, `no thread was free within queue-timeout (${queueTimeout} ms)`)
      else first.refuse(503, `no worker was ready within queue-timeout (${queueTimeout} ms)`)
    }
    if (this.#queue.length > listenBacklog) {
      for (const exchange of this.#queue.takeOverflow(listenBacklog, now - connectTimeout)) {
        exchange.refuse(
          503,
          `${listenBacklog} requests (listen-backlog) waited before it for connect-timeout (${connectTimeout} ms)`,
        )
      }
    }
    const first = this.#queue.peek()
    if (first !== undefined && first.arrivedAt <= now - PRESSURE_MS)
      this.#events.pressure(this.name, this.#queue.length)
  }

  /** Ends requests whose worker says nothing for socket-timeout. To be called every second or so. */
  endSilent(now: number): void {
    const { socketTimeout } = this.settings
    if (socketTimeout === 0) return
    // Half a second of grace: with equal times request-timeout shall win, it knows more.
    const since = now - socketTimeout - 500
    for (const worker of this.#workers.values()) {
      for (const exchange of worker.outstanding.values()) exchange.endIfSilentSince(since, socketTimeout)
    }
  }

  /** Takes prefetched requests back from workers that are stuck. */
  recallFromStalled(now: number): void {
    for (const worker of this.#ready) if (isStalled(worker, now)) giveUpOn(worker)
  }

  // -- workers, as the supervisor announces them ------------------------------------------------------------------------

  addWorker(address: WorkerAddress): void {
    this.#workers.set(address.worker, new WorkerConnection(address, this.#router, this))
  }

  /** A worker under a debugger, in the place of the last one. */
  addDebugWorker(address: WorkerAddress, selection: DebugSelection): void {
    this.#debugWorker?.close('there is another debugger')
    this.#debugWorker = new DebugWorker(address, selection, {
      router: this.#router,
      responseBufferSize: this.responseBufferSize,
      returned: (exchange) => this.#tryElsewhere(exchange),
      lost: (connection, lost, reason) => this.#recover(connection, lost, reason),
      idle: () => {
        this.#debugWorker = null
        this.#events.workerIdle(this.name, address.worker)
      },
    })
  }

  /** No new requests to this worker; workerIdle is reported when it has none any more. */
  withdrawWorker(worker: number): void {
    if (this.#debugWorker?.number === worker) return this.#debugWorker.withdraw()
    const connection = this.#workers.get(worker)
    if (connection === undefined) return this.#events.workerIdle(this.name, worker)
    connection.withdraw()
    this.#unready(connection)
    this.#endIfIdle(connection)
    this.#serveWaiting()
  }

  /** No worker can be had: whoever waits is answered. */
  unavailable(why: Unavailability, detail: string): void {
    this.#demanded = false
    for (let waiting = this.#queue.shift(); waiting !== undefined; waiting = this.#queue.shift()) {
      waiting.refuse(UNAVAILABLE_STATUS[why], detail)
    }
  }

  /** The group is gone. */
  close(): void {
    this.unavailable('stopping', 'the group was removed')
    for (const connection of this.#workers.values()) connection.close('the group was removed')
    this.#debugWorker?.close('the group was removed')
  }

  // -- what connections report --------------------------------------------------------------------------------------------

  connectionReady(connection: WorkerConnection): void {
    if (!connection.withdrawn) this.#ready.push(connection)
    this.#demanded = false
    this.#dispatchWaiting()
    if (this.#hasSomeAhead) this.#relieve(connection, performance.now())
  }

  connectionProgressed(connection: WorkerConnection): void {
    if (connection.withdrawn) this.#endIfIdle(connection)
    else if (this.#queue.length > 0) this.#dispatchWaiting()
    if (this.#hasSomeAhead) this.#relieve(connection, connection.progressedAt)
  }

  requestReturned(connection: WorkerConnection, exchange: Exchange): void {
    if (connection.takesNoMore) this.#unready(connection)
    if (connection.withdrawn) this.#endIfIdle(connection)
    this.#tryElsewhere(exchange)
  }

  connectionLost(connection: WorkerConnection, lost: readonly Exchange[], reason: string): void {
    const { worker } = connection.address
    this.#workers.delete(worker)
    this.#unready(connection)
    if (connection.withdrawn && lost.length === 0) return
    this.#events.workerLost(this.name, worker, reason)
    this.#recover(connection, lost, reason)
    if (connection.withdrawn) this.#events.workerIdle(this.name, worker)
  }

  // -- inside -----------------------------------------------------------------------------------------------------------------

  /** A request that was not started comes back to its place. */
  #tryElsewhere(exchange: Exchange): void {
    if (!exchange.done) {
      exchange.takeBack()
      this.#queue.putBack(exchange)
    }
    this.#serveWaiting()
  }

  /** A worker is gone, with these requests. */
  #recover({ address: { worker, pid } }: WorkerConnection, lost: readonly Exchange[], reason: string): void {
    for (const exchange of lost) {
      if (exchange.outlives()) this.#queue.putBack(exchange)
      else exchange.refuse(502, `worker ${worker} (pid ${pid}) was lost while it had this request: ${reason}`)
    }
    this.#serveWaiting()
  }

  #unready(connection: WorkerConnection): void {
    this.#ready = this.#ready.filter((other) => other !== connection)
  }

  /** To the workers that there are; asks for one if there is none. */
  #serveWaiting(): void {
    this.#dispatchWaiting()
    this.#demandWorkers()
  }

  #dispatchWaiting(): void {
    while (this.#queue.length > 0) {
      const worker = this.#leastBusy()
      if (worker === undefined) return
      const next = this.#queue.shift()
      if (next !== undefined) this.#send(next, worker)
    }
  }

  #send(exchange: Exchange, worker: WorkerConnection): void {
    exchange.send(worker)
    if (excess(worker) <= 0) return
    if (mustBeWatched(worker)) this.#watches.prefetched()
    else this.#hasSomeAhead = true
  }

  /** Takes back what waits at other workers while a thread of this one is free, or for longer than was expected. */
  #relieve(free: WorkerConnection, now: number): void {
    this.#hasSomeAhead = false
    const isFree = !free.withdrawn && !free.takesNoMore && excess(free) < 0
    for (const worker of this.#ready) {
      // Of a fast one it is a matter of microseconds: to take it back would cost more.
      if (excess(worker) <= 0 || mustBeWatched(worker)) continue
      this.#hasSomeAhead = true
      if (isStalled(worker, now)) giveUpOn(worker)
      else if (isFree) recallExcess(worker)
    }
  }

  /** The ready worker with the fewest requests, if it may take one more. */
  #leastBusy(): WorkerConnection | undefined {
    let best: WorkerConnection | undefined
    for (const worker of this.#ready) {
      if (best === undefined || worker.outstanding.size < best.outstanding.size) best = worker
    }
    return best !== undefined && best.outstanding.size < capacity(best) ? best : undefined
  }

  #demandWorkers(): void {
    if (this.#demanded || this.#queue.length === 0) return
    for (const { withdrawn, takesNoMore } of this.#workers.values()) if (!withdrawn && !takesNoMore) return
    this.#demanded = true
    this.#events.demand(this.name)
  }

  #endIfIdle(connection: WorkerConnection): void {
    if (connection.outstanding.size > 0) return
    connection.close('withdrawn')
    this.#events.workerIdle(this.name, connection.address.worker)
  }
}

const UNAVAILABLE_STATUS: Readonly<Record<Unavailability, number>> = {
  'load-error': 500,
  forbidden: 403,
  'cannot-start': 503,
  stopping: 503,
}
