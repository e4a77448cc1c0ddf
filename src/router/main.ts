// The router process: takes its identity, then listeners, routes and workers from the supervisor, and reports back. Composes the
// other files of this folder; decides nothing about requests.
import { Socket } from 'node:net'
import type { ClientLimits, RouterSettings } from '../plan/plan.ts'
import type { FromRouter, ListenerSettings, RouterGroup, ToRouter } from '../protocol/supervision.ts'
import { AccessLog } from './access-log.ts'
import type { LoginContext } from './login.ts'
import { FIRST_LIMITS, limitServer } from './client-limits.ts'
import { Dispatcher, type DispatcherEvents } from './dispatcher.ts'
import { routesTo, type Access, type Destination } from './destination.ts'
import { changeFront, createFront, stopListening, type Front } from './front.ts'
import type { FrontContext } from './front-context.ts'
import { CredentialStore } from './credential-store.ts'
import { DigestNonces } from './digest-nonces.ts'
import { FailedLogins } from './failed-logins.ts'
import { Gate, type Guards } from './gate.ts'
import { takeIdentity } from './identity.ts'
import { KnownLogins } from './known-logins.ts'
import { PasswordChecker } from './password-checker.ts'
import { requestIdsOf } from './request-id.ts'
import type { RequestEnds } from './request-end.ts'
import { RouteTable } from './routes.ts'
import { SlowClients } from './slow-clients.ts'
import { TrustedProxies } from './trusted-proxies.ts'

/** What all responses together may hold for slow clients before each gets no more than a minimum. */
const RESPONSE_BUDGET_BYTES = 268_435_456
const QUEUE_WATCH_MS = 100
const SILENCE_WATCH_MS = 500
const STALL_WATCH_MS = 5
const DRAIN_WATCH_MS = 10
/** Where the supervisor reads the lines of access logs (launch/spawn.ts). */
const ACCESS_LINES_FD = 4
/** A supervisor that does not take them keeps a router that has ended no longer. */
const LAST_LINES_MS = 900
/** A client that has just connected gets so long for its first request when we leave. */
const FRESH_GRACE_MS = 500

class Router {
  readonly #dispatchers = new Map<string, Dispatcher>()
  readonly #fronts = new Map<string, Front>()
  /** No longer listened on; some of their connections may still be busy. */
  readonly #leavingFronts = new Set<Front>()
  readonly #budget = { held: 0, limit: RESPONSE_BUDGET_BYTES }
  readonly #slowClients = new SlowClients()
  readonly #accessLog: AccessLog
  readonly #ends: RequestEnds = { tell: null }
  #settings: RouterSettings = { accessLog: 'off', trustedProxies: [], trustedProxyHeaders: [], limits: FIRST_LIMITS }
  #groups: readonly RouterGroup[] = []
  readonly #number: number
  readonly #context: FrontContext
  readonly #logins: LoginContext
  #stallWatch: NodeJS.Timeout | undefined
  #draining = false
  #quitting = false
  /** Groups without routes: forgotten when what they have is over. */
  #leaving: ReadonlySet<string> = new Set()

  constructor(number: number, logins: LoginContext) {
    this.#number = number
    const accessLines = new Socket({ fd: ACCESS_LINES_FD, readable: false, writable: true })
    this.#accessLog = new AccessLog(accessLines, (lines) => logLost(lines))
    this.#logins = logins
    this.#context = {
      routes: new RouteTable<Destination>([]),
      requestIds: requestIdsOf(number),
      ends: this.#ends,
      proxies: null,
      limits: FIRST_LIMITS,
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
      case 'settings':
        return this.#setSettings(message.settings)
      case 'routes':
        return this.#setRoutes(message.groups)
      case 'listen':
        return this.#listen(message, handle)
      case 'relisten':
        return this.#relisten(message.listener, message.settings)
      case 'unlisten':
        return this.#unlisten(message.listener)
      case 'credentials':
        return this.#logins.files.arrived(message.file, message.answer)
      case 'worker-ready':
        return this.#dispatchers.get(message.address.group)?.addWorker(message.address)
      case 'worker-withdraw':
        return this.#dispatchers.get(message.group)?.withdrawWorker(message.worker)
      case 'group-unavailable':
        return this.#dispatchers.get(message.group)?.unavailable(message.why, message.detail)
      case 'report':
        return this.#report(message.sequence)
      case 'drain':
        return this.drain()
      case 'quit':
        return this.#quit()
    }
  }

  /** Takes no more connections, finishes what runs within the longest graceful-timeout of the groups, exits 0. */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    for (const listener of [...this.#fronts.keys()]) this.#unlisten(listener)
    const deadline = performance.now() + longestGrace(this.#dispatchers.values())
    // Event-driven would need a hook in each connection for something that happens once in the process's life.
    const look = (): void => {
      const now = performance.now()
      this.#endLeavingConnections(now)
      if (this.#leavingFronts.size > 0 && now < deadline) return
      clearInterval(watch)
      this.#quit()
    }
    // Looks after the poll phase: a request that waits in a socket is read before its connection is judged idle.
    const watch = setInterval(() => setImmediate(look), DRAIN_WATCH_MS)
  }

  /** Cuts what runs; what was logged is handed on before the end. */
  #quit(): void {
    if (this.#quitting) return
    this.#quitting = true
    for (const front of [...this.#fronts.values(), ...this.#leavingFronts]) front.connections.cutAll()
    this.#accessLog.close(() => process.exit(0))
    setTimeout(() => process.exit(0), LAST_LINES_MS)
  }

  #setRoutes(groups: readonly RouterGroup[]): void {
    const names = new Set(groups.map((group) => group.name))
    this.#groups = groups
    this.#setAccessLogs()
    this.#leaving = new Set([...this.#dispatchers.keys()].filter((name) => !names.has(name)))
    this.#context.routes = new RouteTable(routesTo(groups, (group, guards) => this.#accessTo(group, guards)))
    this.#logins.files.forgetOthers()
  }

  #setSettings(settings: RouterSettings): void {
    this.#settings = settings
    this.#setAccessLogs()
    this.#setLimits(settings.limits)
    const complain = (text: string): void => this.#context.log('', text)
    this.#context.proxies = settings.trustedProxies.length === 0 ? null : new TrustedProxies(settings, complain)
  }

  /** Nothing is asked to tell of its end when nobody logs it. */
  #setAccessLogs(): void {
    const own = this.#groups.flatMap(({ name, accessLog }) => (accessLog === null ? [] : [[name, accessLog] as const]))
    this.#accessLog.configure(this.#settings.accessLog, new Map(own))
    this.#ends.tell = this.#accessLog.isActive ? (end) => this.#accessLog.write(end) : null
  }

  #setLimits(limits: ClientLimits): void {
    this.#context.limits = limits
    for (const { server } of this.#fronts.values()) limitServer(server, limits)
  }

  #accessTo(group: RouterGroup, guards: Guards): Access {
    const dispatcher = this.#dispatchers.get(group.name) ?? this.#makeDispatcher(group)
    dispatcher.settings = group
    return { dispatcher, gate: this.#gateOf(group.name, guards) }
  }

  #gateOf(group: string, guards: Guards): Gate | null {
    return guards.auth === null && guards.static.length === 0 ? null : new Gate(group, guards, this.#logins)
  }

  #makeDispatcher(group: RouterGroup): Dispatcher {
    const events = { ...EVENTS, prefetched: () => this.#startStallWatch() }
    const dispatcher = new Dispatcher(group, {
      router: this.#number,
      budget: this.#budget,
      slowClients: this.#slowClients,
      ends: this.#ends,
      events,
    })
    this.#dispatchers.set(group.name, dispatcher)
    return dispatcher
  }

  #listen({ listener, settings }: Extract<ToRouter, { type: 'listen' }>, handle: unknown): void {
    const front = createFront(this.#context, settings)
    this.#fronts.set(listener, front)
    front.listening.on('error', (error) => tell({ type: 'listen-failed', listener, reason: error.message }))
    front.listening.listen(handle, () => tell({ type: 'listening', listener }))
  }

  #relisten(listener: string, settings: ListenerSettings): void {
    const front = this.#fronts.get(listener)
    if (front !== undefined) changeFront(front, settings)
  }

  /** No new connections there; those that are open end when they have nothing more to do. */
  #unlisten(listener: string): void {
    const front = this.#fronts.get(listener)
    if (front === undefined) return
    this.#fronts.delete(listener)
    // After the poll phase: who has connected already is accepted.
    setImmediate(stopListening, front)
    this.#leavingFronts.add(front)
  }

  #endLeavingConnections(now: number): void {
    for (const front of this.#leavingFronts) {
      front.connections.endIdleSince(now, now - FRESH_GRACE_MS)
      if (front.connections.count === 0) this.#leavingFronts.delete(front)
    }
  }

  #forgetGroups(): void {
    for (const name of this.#leaving) {
      const dispatcher = this.#dispatchers.get(name)
      if (dispatcher === undefined || dispatcher.active > 0 || [...dispatcher.connections].length > 0) continue
      dispatcher.close()
      this.#dispatchers.delete(name)
    }
  }

  #watchQueues(): void {
    this.#forgetGroups()
    const now = performance.now()
    for (const dispatcher of this.#dispatchers.values()) dispatcher.expire(now)
  }

  #watchSilence(): void {
    const now = performance.now()
    for (const dispatcher of this.#dispatchers.values()) if (dispatcher.active > 0) dispatcher.endSilent(now)
    this.#slowClients.check(now)
    this.#endLeavingConnections(now)
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

  #report(sequence: number): void {
    const dispatchers = [...this.#dispatchers.values()]
    const fronts = [...this.#fronts.values(), ...this.#leavingFronts]
    tell({
      type: 'reported',
      sequence,
      connections: fronts.reduce((sum, { connections }) => sum + connections.count, 0),
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

/** Milliseconds. */
function longestGrace(dispatchers: Iterable<Dispatcher>): number {
  return Math.max(0, ...Array.from(dispatchers, ({ settings }) => settings.gracefulTimeout))
}

function logLost(lines: number): void {
  const text = `${lines} lines of access logs were lost: the supervisor or the disk is behind`
  tell({ type: 'log', group: null, level: 'error', request: '', text })
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

function loginContext(nonceSecret: string): LoginContext {
  return {
    files: new CredentialStore((file, version) => tell({ type: 'credentials-wanted', file, version })),
    checker: new PasswordChecker(),
    known: new KnownLogins(),
    failed: new FailedLogins(),
    nonces: new DigestNonces(nonceSecret),
  }
}

let router: Router | undefined

process.on('message', (message: ToRouter, handle: unknown) => {
  if (message.type === 'configure') {
    const logins = loginContext(message.nonceSecret)
    if (message.identity !== null) {
      logins.checker.prepareForChange()
      takeIdentity(message.identity)
    }
    router = new Router(message.router, logins)
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
