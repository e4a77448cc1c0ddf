// The groups of a router: their dispatchers, and what has to be looked after while requests wait or run. Which requests come to which group
// is in the routes that it makes.
import type { FromRouter, RouterGroup, RouterGroupReport } from '../protocol/supervision.ts'
import { ActiveGroups } from './active-groups.ts'
import { routesTo, type Access, type Destination } from './destination.ts'
import { Dispatcher, type DispatcherContext, type DispatcherEvents } from './dispatcher.ts'
import { Gate, type Guards } from './gate.ts'
import type { LoginContext } from './login.ts'
import { MARK_MS } from './request-statistics.ts'
import { RouteTable } from './routes.ts'
import { say, tell } from './supervisor-channel.ts'

const QUEUE_WATCH_MS = 100
const SILENCE_WATCH_MS = 500

type GroupsContext = Omit<DispatcherContext, 'events' | 'watches'> & Readonly<{ logins: LoginContext }>

export class Groups {
  readonly #context: GroupsContext
  readonly #dispatchers = new Map<string, Dispatcher>()
  /** Groups without routes: forgotten when what they have is over. */
  #leaving = new Set<string>()
  readonly #active = new ActiveGroups()

  constructor(context: GroupsContext) {
    this.#context = context
    setInterval(() => this.#watchQueues(), QUEUE_WATCH_MS).unref()
    setInterval(() => this.#watchSilence(), SILENCE_WATCH_MS).unref()
    setInterval(() => this.#active.mark(performance.now()), MARK_MS).unref()
  }

  get(name: string): Dispatcher | undefined {
    return this.#dispatchers.get(name)
  }

  /** No new requests to this worker; `worker-idle` is told when it has none any more. A group that is not known here has none either. */
  withdrawWorker(group: string, worker: number): void {
    const dispatcher = this.#dispatchers.get(group)
    if (dispatcher === undefined) EVENTS.workerIdle(group, worker)
    else dispatcher.withdrawWorker(worker)
  }

  /** These groups and no others get requests from now on, by the routes that are returned. */
  replace(groups: readonly RouterGroup[]): RouteTable<Destination> {
    const names = new Set(groups.map((group) => group.name))
    this.#leaving = new Set([...this.#dispatchers.keys()].filter((name) => !names.has(name)))
    // Also for a group without routes, as it is between two definitions that have no mount in common: its workers are told of here.
    for (const group of groups) this.#dispatcherOf(group).settings = group
    return new RouteTable(routesTo(groups, (group, guards) => this.#accessTo(group, guards)))
  }

  /** Milliseconds: of all groups. */
  get longestGrace(): number {
    return Math.max(0, ...Array.from(this.#dispatchers.values(), ({ settings }) => settings.gracefulTimeout))
  }

  report(): Pick<Extract<FromRouter, { type: 'reported' }>, 'requests' | 'groups' | 'workers'> {
    const dispatchers = [...this.#dispatchers.values()]
    return {
      requests: dispatchers.reduce((sum, dispatcher) => sum + dispatcher.requests, 0),
      groups: dispatchers.map(reportOf),
      workers: dispatchers.flatMap((dispatcher) =>
        Array.from(dispatcher.connections, (connection) => ({
          group: dispatcher.name,
          worker: connection.address.worker,
          requests: connection.requests,
          active: Math.min(connection.outstanding.size, connection.threads),
          ended: connection.ended,
        })),
      ),
    }
  }

  #accessTo(group: RouterGroup, guards: Guards): Access {
    return { dispatcher: this.#dispatcherOf(group), gate: this.#gateOf(group.name, guards) }
  }

  #gateOf(group: string, guards: Guards): Gate | null {
    return guards.auth === null && guards.static.length === 0 ? null : new Gate(group, guards, this.#context.logins)
  }

  #dispatcherOf(group: RouterGroup): Dispatcher {
    const known = this.#dispatchers.get(group.name)
    if (known !== undefined) return known
    const { router, budget, ends } = this.#context
    const around = { router, budget, ends, watches: this.#active, events: EVENTS }
    const dispatcher = new Dispatcher(group, around)
    this.#dispatchers.set(group.name, dispatcher)
    return dispatcher
  }

  #forgetGroups(): void {
    for (const name of this.#leaving) {
      const dispatcher = this.#dispatchers.get(name)
      if (dispatcher !== undefined && (dispatcher.active > 0 || [...dispatcher.connections].length > 0)) continue
      dispatcher?.close()
      this.#dispatchers.delete(name)
      this.#leaving.delete(name)
    }
  }

  #watchQueues(): void {
    this.#forgetGroups()
    this.#active.expire(performance.now())
  }

  #watchSilence(): void {
    this.#active.endSilent(performance.now())
  }
}

function reportOf({ name, queueLength, requests, statistics }: Dispatcher): RouterGroupReport {
  const known = { group: name, queue: queueLength, requests }
  if (statistics.isEmpty) return { ...known, statistics: null }
  const { seconds, counts } = statistics.recent(performance.now())
  const since = Array.from(statistics.counts)
  return { ...known, statistics: { since, recent: Array.from(counts), recentSeconds: seconds } }
}

const EVENTS: DispatcherEvents = {
  pressure: (group, queued) => tell({ type: 'pressure', group, queued }),
  demand: (group) => tell({ type: 'demand', group }),
  workerIdle: (group, worker) => tell({ type: 'worker-idle', group, worker }),
  workerLost: (group, worker, reason) => tell({ type: 'worker-lost', group, worker, reason }),
  log: (level, group, exchange, text) => {
    const { method, url } = exchange.request
    const target = shortened(url ?? '')
    say({ group, level, request: exchange.requestId, text: `${method ?? ''} ${target} ${text}` })
  },
}

/** The cause comes behind it, and is not to be lost. */
const LONGEST_TARGET = 8_192

function shortened(target: string): string {
  return target.length > LONGEST_TARGET ? `${target.slice(0, LONGEST_TARGET)}…` : target
}
