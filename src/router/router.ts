// A router: listeners, routes and workers as the supervisor says, and how it leaves. Composes the other files of this folder; decides
// nothing about requests.
import { Socket } from 'node:net'
import type { RouterSettings } from '../plan/plan.ts'
import type { RouterGroup, ToRouter } from '../protocol/supervision.ts'
import { AccessLog } from './access-log.ts'
import { FIRST_LIMITS } from './client-limits.ts'
import { ConnectionCounts } from './connection-counts.ts'
import type { Destination } from './destination.ts'
import type { FrontContext } from './front-context.ts'
import { Fronts } from './fronts.ts'
import { Groups } from './groups.ts'
import type { LoginContext } from './login.ts'
import type { RequestEnds } from './request-end.ts'
import { requestIdsOf } from './request-id.ts'
import { RouteTable } from './routes.ts'
import { say, tell } from './supervisor-channel.ts'
import { TrustedProxies } from './trusted-proxies.ts'

/** What all responses together may hold for slow clients before each gets no more than a minimum. */
const RESPONSE_BUDGET_BYTES = 268_435_456
const LEAVING_WATCH_MS = 500
const DRAIN_WATCH_MS = 10
/** Where the supervisor reads the lines of access logs (launch/spawn.ts). */
const ACCESS_LINES_FD = 4
/** A supervisor that does not take them keeps a router that has ended no longer. */
const LAST_LINES_MS = 900

export class Router {
  readonly #context: FrontContext
  readonly #fronts: Fronts
  readonly #groups: Groups
  readonly #logins: LoginContext
  readonly #accessLog: AccessLog
  readonly #ends: RequestEnds = { tell: null }
  #settings: RouterSettings = { accessLog: 'off', trustedProxies: [], trustedProxyHeaders: [], limits: FIRST_LIMITS }
  #definitions: readonly RouterGroup[] = []
  #draining = false
  #quitting = false

  /** @param number tells the routers of a server apart */
  constructor(number: number, logins: LoginContext) {
    const accessLines = new Socket({ fd: ACCESS_LINES_FD, readable: false, writable: true })
    this.#accessLog = new AccessLog(accessLines, (lines) => logLost(lines))
    this.#logins = logins
    this.#context = {
      routes: new RouteTable<Destination>([]),
      requestIds: requestIdsOf(number),
      ends: this.#ends,
      proxies: null,
      limits: FIRST_LIMITS,
      counts: new ConnectionCounts(),
      log: (request, text) => say({ group: null, level: 'warn', request, text }),
    }
    this.#fronts = new Fronts(this.#context)
    const budget = { held: 0, limit: RESPONSE_BUDGET_BYTES }
    this.#groups = new Groups({ router: number, budget, ends: this.#ends, logins })
    setInterval(() => this.#fronts.endLeavingConnections(performance.now()), LEAVING_WATCH_MS).unref()
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
        return this.#fronts.listen(message, handle)
      case 'relisten':
        return this.#fronts.relisten(message.listener, message.settings)
      case 'unlisten':
        return this.#fronts.unlisten(message.listener)
      case 'credentials':
        return this.#logins.files.arrived(message.file, message.answer)
      case 'worker-ready':
        return this.#groups.get(message.address.group)?.addWorker(message.address)
      case 'debug-worker':
        return this.#groups.get(message.address.group)?.addDebugWorker(message.address, message.selection)
      case 'worker-withdraw':
        return this.#groups.withdrawWorker(message.group, message.worker)
      case 'group-unavailable':
        return this.#groups.get(message.group)?.unavailable(message.why, message.detail)
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
    this.#fronts.unlistenAll()
    const deadline = performance.now() + this.#groups.longestGrace
    // Event-driven would need a hook in each connection for something that happens once in the process's life.
    const look = (): void => {
      const now = performance.now()
      this.#fronts.endLeavingConnections(now)
      if (this.#fronts.isLeaving && now < deadline) return
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
    this.#fronts.cutAll()
    this.#accessLog.close(() => process.exit(0))
    setTimeout(() => process.exit(0), LAST_LINES_MS)
  }

  #setRoutes(groups: readonly RouterGroup[]): void {
    this.#definitions = groups
    this.#setAccessLogs()
    this.#context.routes = this.#groups.replace(groups)
    this.#logins.files.forgetOthers()
  }

  #setSettings(settings: RouterSettings): void {
    this.#settings = settings
    this.#setAccessLogs()
    this.#context.limits = settings.limits
    const complain = (text: string): void => this.#context.log('', text)
    this.#context.proxies = settings.trustedProxies.length === 0 ? null : new TrustedProxies(settings, complain)
  }

  /** Nothing is asked to tell of its end when nobody logs it. */
  #setAccessLogs(): void {
    const own = this.#definitions.flatMap(({ processGroup, accessLog }) =>
      accessLog === null ? [] : [[processGroup, accessLog] as const],
    )
    this.#accessLog.configure(this.#settings.accessLog, new Map(own))
    this.#ends.tell = this.#accessLog.isActive ? (end) => this.#accessLog.write(end) : null
  }

  #report(sequence: number): void {
    tell({ type: 'reported', sequence, connections: this.#fronts.connections, ...this.#groups.report() })
  }
}

function logLost(lines: number): void {
  const text = `${lines} lines of access logs were lost: the supervisor or the disk is behind`
  say({ group: null, level: 'error', request: '', text })
}
