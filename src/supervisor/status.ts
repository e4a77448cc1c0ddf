// Puts the status document together from the machines, the children and the routers' numbers.
import type {
  ApplicationStatus,
  GroupStatus,
  RouterStatus,
  StatusDocument,
  WorkerStatus,
} from '../control/status-document.ts'
import type { Member } from '../lifecycle/group-state.ts'
import {
  lastErrorOf,
  publicGroupState,
  publicRouterState,
  publicServerState,
  publicWorkerState,
} from '../lifecycle/public-state.ts'
import type { ApplicationPlan, GroupPlan, ServerPlan } from '../plan/plan.ts'
import type { RouterGroupStatistics } from '../protocol/supervision.ts'
import { joinParts } from './group-parts.ts'
import { recentRequests } from './recent-requests.ts'
import type { GroupEntry, Machines } from './machines.ts'
import type { RouterChildren } from './router-children.ts'
import type { RouterReport, RouterReports } from './router-reports.ts'
import { measureUsage, type Usage } from './usage.ts'
import type { WorkerChildren } from './worker-children.ts'

export type StatusSources = Readonly<{
  version: string
  startedAt: Date
  plan: () => ServerPlan
  listen: () => readonly string[]
  admin: () => string | null
  machines: Machines
  workers: WorkerChildren
  routers: RouterChildren
  reports: RouterReports
}>

type Counts = { requests: number; active: number; queue: number }

/** Asks the routers and measures the workers. */
export async function readStatus(sources: StatusSources): Promise<StatusDocument> {
  const { machines, workers } = sources
  const pids = [...machines.groups].flatMap(({ plan, state }) =>
    state.members.flatMap(({ number }) => workers.of(plan.name).process(number)?.pid ?? []),
  )
  const [answers, usage] = await Promise.all([askRouters(sources), measureUsage(pids)])
  const counts = new Tally(answers)
  const recent = recentByGroup(answers, (group) => machines.group(group)?.plan.processGroup)
  return {
    version: sources.version,
    pid: process.pid,
    state: publicServerState[machines.supervisor.phase],
    startedAt: sources.startedAt.toISOString(),
    uptimeSeconds: Math.round(process.uptime() * 10) / 10,
    configFile: sources.plan().configFile,
    listen: sources.listen(),
    admin: sources.admin(),
    routers: routerStatuses(sources, answers),
    groups: joinParts([...machines.groups].map((entry) => groupStatus(entry, { workers, counts, usage, recent }))),
  }
}

/** @returns the answers that came in time, by router */
export function askRouters({
  machines,
  routers,
  reports,
}: Pick<StatusSources, 'machines' | 'routers' | 'reports'>): Promise<ReadonlyMap<number, RouterReport>> {
  const numbers = machines.fleet.members.filter(isAsked).map(({ number }) => number)
  reports.workers.keep(
    [...machines.groups].flatMap(({ plan, state }) =>
      state.members.map(({ number }) => ({ group: plan.name, worker: number })),
    ),
  )
  return reports.collect(numbers, (sequence) => {
    for (const number of numbers) routers.send(number, { type: 'report', sequence })
  })
}

/** One that drains still has requests: what a stop waits for. */
function isAsked({ router }: Machines['fleet']['members'][number]): boolean {
  return router.phase === 'ready' || router.phase === 'draining'
}

/** The routers' numbers, added up. */
export class Tally {
  readonly #groups = new Map<string, Counts>()
  readonly #workers = new Map<string, Counts>()

  constructor(answers: ReadonlyMap<number, RouterReport>) {
    for (const { groups, workers } of answers.values()) {
      for (const { group, requests, queue } of groups) add(this.#groups, group, { requests, queue, active: 0 })
      for (const { group, worker, requests, active } of workers) {
        add(this.#workers, `${group}/${worker}`, { requests, active, queue: 0 })
        add(this.#groups, group, { requests: 0, active, queue: 0 })
      }
    }
  }

  group(name: string): Counts {
    return this.#groups.get(name) ?? { requests: 0, active: 0, queue: 0 }
  }

  worker(group: string, number: number): Counts {
    return this.#workers.get(`${group}/${number}`) ?? { requests: 0, active: 0, queue: 0 }
  }
}

function add(to: Map<string, Counts>, key: string, more: Counts): void {
  const sum = to.get(key) ?? { requests: 0, active: 0, queue: 0 }
  to.set(key, {
    requests: sum.requests + more.requests,
    active: sum.active + more.active,
    queue: sum.queue + more.queue,
  })
}

function recentByGroup(
  answers: ReadonlyMap<number, RouterReport>,
  nameOf: (group: string) => string | undefined,
): Recent {
  const recent = new Map<string, RouterGroupStatistics[]>()
  for (const { groups } of answers.values()) {
    for (const { group, statistics } of groups) {
      const name = nameOf(group)
      if (statistics === null || name === undefined) continue
      const known = recent.get(name)
      if (known === undefined) recent.set(name, [statistics])
      else known.push(statistics)
    }
  }
  return recent
}

function routerStatuses(
  { machines, routers }: StatusSources,
  answers: ReadonlyMap<number, RouterReport>,
): RouterStatus[] {
  return machines.fleet.members.flatMap(({ number, router }) => {
    const pid = routers.pid(number)
    const { connections = 0, requests = 0 } = answers.get(number) ?? {}
    return pid === undefined ? [] : [{ pid, state: publicRouterState[router.phase], connections, requests }]
  })
}

type Numbers = Readonly<{ workers: WorkerChildren; counts: Tally; usage: Usage; recent: Recent }>
/** By what status calls a group: of all its parts. */
type Recent = ReadonlyMap<string, readonly RouterGroupStatistics[]>

function groupStatus({ plan, state }: Readonly<GroupEntry>, numbers: Numbers): GroupStatus {
  const { exits, restarts } = numbers.workers.of(plan.name).history
  const { requests, active, queue } = numbers.counts.group(plan.name)
  return {
    name: plan.processGroup,
    user: plan.identity.userName,
    group: plan.identity.groupName,
    state: publicGroupState(state),
    generation: state.serving.number,
    processes: plan.processes,
    threads: plan.threads,
    queue,
    requests,
    active,
    recent: recentRequests(numbers.recent.get(plan.processGroup) ?? []),
    restarts,
    lastError: lastErrorOf(state),
    applications: plan.applications.map(applicationStatus),
    workers: state.members.flatMap((member) => workerStatus(plan, member, numbers)),
    lastExits: exits.map(({ at, ...exit }) => ({ ...exit, at: at.toISOString() })),
  }
}

function applicationStatus({ hosts, mount, match, entry, applicationGroup }: ApplicationPlan): ApplicationStatus {
  return { hosts, mount: match ?? mount, match, script: entryName(entry), applicationGroup }
}

function workerStatus(
  { name: group, applicationGroup }: GroupPlan,
  { number, generation, worker }: Member,
  numbers: Numbers,
): WorkerStatus[] {
  const process = numbers.workers.of(group).process(number)
  if (process === undefined) return []
  const { requests, active } = numbers.counts.worker(group, number)
  const usage = numbers.usage[process.pid]
  return [
    {
      pid: process.pid,
      applicationGroup,
      state: publicWorkerState[worker.phase],
      generation: generation.number,
      requests,
      active,
      startedAt: process.startedAt.toISOString(),
      rssBytes: usage?.memory ?? null,
      cpuPercent: usage === undefined ? null : Math.round(usage.cpu * 10) / 10,
    },
  ]
}

function entryName(entry: ApplicationPlan['entry']): string {
  return entry.kind === 'module' ? `${entry.module}:${entry.callable}` : entry.path
}
