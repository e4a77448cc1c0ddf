// The router process: takes its identity, then listeners, routes and workers from the supervisor, and reports back. Composes the
// other files of this folder; decides nothing about requests.
import type { Server } from 'node:http'
import type { FromRouter, RouterGroup, ToRouter } from '../protocol/supervision.ts'
import { Dispatcher, type DispatcherEvents } from './dispatcher.ts'
import { createFront, type Destination, type FrontContext } from './front.ts'
import { takeIdentity } from './identity.ts'
import { requestIdsOf } from './request-id.ts'
import { RouteTable, type Route } from './routes.ts'
import { SlowClients } from './slow-clients.ts'

/** What all responses together may hold for slow clients before each gets no more than a minimum. */
const RESPONSE_BUDGET_BYTES = 268_435_456
const QUEUE_WATCH_MS = 100
const SILENCE_WATCH_MS = 500
const STALL_WATCH_MS = 5

class Router {
  readonly #dispatchers = new Map<string, Dispatcher>()
  readonly #servers = new Map<string, Server>()
  readonly #budget = { held: 0, limit: RESPONSE_BUDGET_BYTES }
  readonly #slowClients = new SlowClients()
  readonly #number: number
  readonly #gracefulTimeoutMs: number
  readonly #context: FrontContext
  #stallWatch: NodeJS.Timeout | undefined
  #draining = false

  constructor(number: number, gracefulTimeoutMs: number) {
    this.#number = number
    this.#gracefulTimeoutMs = gracefulTimeoutMs
    this.#context = {
      routes: new RouteTable<Destination>([]),
      requestIds: requestIdsOf(number),
      log: (request, text) => tell({ type: 'log', group: null, level: 'warn', request, text }),
    }
    setInterval(() => this.#watchQueues(), QUEUE_WATCH_MS).unref()
    setInterval(() => this.#watchSilence(), SILENCE_WATCH_MS).unref()
  }

  /** The supervisor's messages after `configure`. */
  obey(message: ToRouter, handle: unknown): void {
    switch (message.type) {
      case 'configure':
        return
      case 'routes':
        return this.#setRoutes(message.groups)
      case 'listen':
        return this.#listen(message.listener, handle)
      case 'worker-ready':
        return this.#dispatchers.get(message.address.group)?.addWorker(message.address)
      case 'worker-withdraw':
        return this.#dispatchers.get(message.group)?.withdrawWorker(message.worker)
      case 'group-unavailable':
        return this.#dispatchers.get(message.group)?.unavailable(message.why, message.detail)
      case 'report':
        return void this.#report(message.sequence)
      case 'drain':
        return this.drain()
    }
  }

  /** Takes no more connections, finishes what runs within graceful-timeout, exits 0. */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    for (const server of this.#servers.values()) {
      server.close()
      server.closeIdleConnections()
    }
    const deadline = performance.now() + this.#gracefulTimeoutMs
    // Event-driven would need a hook in each exchange for something that happens once in the process's life.
    setInterval(() => {
      for (const server of this.#servers.values()) server.closeIdleConnections()
      const active = [...this.#dispatchers.values()].reduce((sum, dispatcher) => sum + dispatcher.active, 0)
      if (active === 0 || performance.now() >= deadline) process.exit(0)
    }, 10)
  }

  #setRoutes(groups: readonly RouterGroup[]): void {
    const names = new Set(groups.map((group) => group.name))
    for (const [name, dispatcher] of this.#dispatchers) {
      if (names.has(name)) continue
      this.#dispatchers.delete(name)
      dispatcher.close()
    }
    this.#context.routes = new RouteTable(groups.flatMap((group) => this.#routesOf(group)))
  }

  #routesOf(group: RouterGroup): Route<Destination>[] {
    const known = this.#dispatchers.get(group.name)
    const dispatcher = known ?? this.#makeDispatcher(group)
    dispatcher.settings = group
    return group.applications.map(({ hosts, mount }, application) => ({
      hosts,
      mount,
      target: { dispatcher, application },
    }))
  }

  #makeDispatcher(group: RouterGroup): Dispatcher {
    const events = { ...EVENTS, prefetched: () => this.#startStallWatch() }
    const dispatcher = new Dispatcher(group, {
      router: this.#number,
      budget: this.#budget,
      slowClients: this.#slowClients,
      events,
    })
    this.#dispatchers.set(group.name, dispatcher)
    return dispatcher
  }

  #listen(listener: string, handle: unknown): void {
    const server = createFront(this.#context)
    this.#servers.set(listener, server)
    server.on('error', (error) => tell({ type: 'listen-failed', listener, reason: error.message }))
    server.listen(handle, () => tell({ type: 'listening', listener }))
  }

  #watchQueues(): void {
    const now = performance.now()
    for (const dispatcher of this.#dispatchers.values()) dispatcher.expire(now)
  }

  #watchSilence(): void {
    const now = performance.now()
    for (const dispatcher of this.#dispatchers.values()) if (dispatcher.active > 0) dispatcher.endSilent(now)
    this.#slowClients.check(now)
  }

  /** Runs only while some worker holds more requests than threads. */
  #startStallWatch(): void {
    this.#stallWatch ??= setInterval(() => {
      const now = performance.now()
      let needed = false
      for (const dispatcher of this.#dispatchers.values()) {
        if (!dispatcher.hasPrefetched) continue
        needed = true
        dispatcher.recallFromStalled(now)
      }
      if (needed) return
      clearInterval(this.#stallWatch)
      this.#stallWatch = undefined
    }, STALL_WATCH_MS)
  }

  async #report(sequence: number): Promise<void> {
    const dispatchers = [...this.#dispatchers.values()]
    const connections = await Promise.all([...this.#servers.values()].map(countConnections))
    tell({
      type: 'reported',
      sequence,
      connections: connections.reduce((sum, count) => sum + count, 0),
      requests: dispatchers.reduce((sum, dispatcher) => sum + dispatcher.requests, 0),
      groups: dispatchers.map((each) => ({ group: each.name, queue: each.queueLength, requests: each.requests })),
      workers: dispatchers.flatMap((dispatcher) =>
        Array.from(dispatcher.connections, (connection) => ({
          group: dispatcher.name,
          worker: connection.address.worker,
          requests: connection.requests,
          active: Math.min(connection.outstanding.size, connection.threads),
        })),
      ),
    })
  }
}

const EVENTS: Omit<DispatcherEvents, 'prefetched'> = {
  pressure: (group, queued) => tell({ type: 'pressure', group, queued }),
  demand: (group) => tell({ type: 'demand', group }),
  workerIdle: (group, worker) => tell({ type: 'worker-idle', group, worker }),
  workerLost: (group, worker, reason) => tell({ type: 'worker-lost', group, worker, reason }),
  log: (level, group, exchange, text) => {
    const { method, url } = exchange.request
    tell({ type: 'log', group, level, request: exchange.requestId, text: `${method ?? ''} ${url ?? ''} ${text}` })
  },
}

function tell(message: FromRouter): void {
  if (!process.connected) return
  // A supervisor that was killed just now takes nothing any more, before 'disconnect' tells us: with a callback the failure stays here,
  // without one it would be an uncaught 'error' that ends the router with all that it serves. 'disconnect' then starts the drain.
  process.send?.(message, undefined, undefined, () => undefined)
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))
}

let router: Router | undefined

process.on('message', (message: ToRouter, handle: unknown) => {
  if (message.type === 'configure') {
    if (message.identity !== null) takeIdentity(message.identity)
    router = new Router(message.router, message.gracefulTimeout)
    tell({ type: 'ready' })
  } else router?.obey(message, handle)
})
// The supervisor is gone, however it went: the listeners are let go at once, so that a new one can bind them.
process.on('disconnect', () => {
  if (router === undefined) process.exit(0)
  router.drain()
})
// The supervisor decides when a router ends; a signal to the whole process group of a terminal is not meant for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined)
