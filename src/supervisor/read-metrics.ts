// Puts together what /metrics and /readyz tell, from the machines, the children and the routers' counts.
import type { GroupMetrics, RouterMetrics, ServerMetrics, WorkerMetrics } from '../observe/server-metrics.ts'
import type { ExitReason } from '../lifecycle/exit-reason.ts'
import type { Member } from '../lifecycle/group-state.ts'
import { publicWorkerState, type PublicGroupState } from '../lifecycle/public-state.ts'
import { addCounts, emptyCounts } from '../protocol/request-counts.ts'
import { stateOfParts } from './group-parts.ts'
import type { GroupEntry, Machines } from './machines.ts'
import { measureProcesses } from './process-usage.ts'
import type { RouterReport } from './router-reports.ts'
import { askRouters, Tally, type StatusSources } from './status.ts'

type Usage = Awaited<ReturnType<typeof measureProcesses>>

/** Asks the routers, half a second at most, and looks at the processes. */
export async function readMetrics(sources: StatusSources): Promise<ServerMetrics> {
  const { machines, routers, workers } = sources
  const pids = [
    process.pid,
    ...machines.fleet.members.flatMap(({ number }) => routers.pid(number) ?? []),
    ...[...machines.groups].flatMap(({ plan, state }) =>
      state.members.flatMap(({ number }) => workers.of(plan.name).process(number)?.pid ?? []),
    ),
  ]
  const [answers, usage] = await Promise.all([askRouters(sources), measureProcesses(pids)])
  return {
    version: sources.version,
    startedAt: sources.startedAt,
    isReady: whyNotReady(machines) === null,
    usage: usage.get(process.pid) ?? null,
    routersStarted: machines.fleet.nextNumber - 1,
    routers: machines.fleet.members.map(({ number }) => routerMetrics(number, sources, { answers, usage })),
    groups: groupMetrics(sources, usage),
  }
}

/** Why requests are not served now, in words; null: they are. That single groups fail does not count: the others serve. */
export function whyNotReady({ supervisor, fleet }: Machines): string | null {
  if (supervisor.phase === 'starting') return 'starting'
  if (supervisor.phase !== 'running') return 'stopping'
  return fleet.members.some(({ router }) => router.phase === 'ready') ? null : 'no router accepts clients'
}

/** The state of a group by the name that the operator gave it; undefined: there is none. */
export function stateOfGroup(machines: Machines, name: string): PublicGroupState | undefined {
  const parts = machines.partsOf(name)
  return parts.length === 0 ? undefined : stateOfParts(parts)
}

function routerMetrics(
  number: number,
  { routers, reports }: StatusSources,
  { answers, usage }: Readonly<{ answers: ReadonlyMap<number, RouterReport>; usage: Usage }>,
): RouterMetrics {
  const pid = routers.pid(number)
  return {
    number,
    isUp: answers.has(number),
    connections: reports.latest(number)?.connections ?? 0,
    usage: (pid === undefined ? undefined : usage.get(pid)) ?? null,
  }
}

/** The parts of a group, one for each application-group, are one group here. */
function groupMetrics(sources: StatusSources, usage: Usage): readonly GroupMetrics[] {
  const { machines, reports } = sources
  const tally = new Tally(latestReports(sources))
  return Array.from(machines.byName, ([name, entries]) => {
    const counts = emptyCounts()
    for (const { plan } of entries) addCounts(counts, reports.totals.of(plan.name))
    const sum = (of: (entry: Readonly<GroupEntry>) => number): number =>
      entries.reduce((total, entry) => total + of(entry), 0)
    return {
      name,
      counts,
      state: stateOfParts(entries),
      processes: sum(({ plan }) => plan.processes),
      threads: Math.max(...entries.map(({ plan }) => plan.threads)),
      queue: sum(({ plan }) => tally.group(plan.name).queue),
      active: sum(({ plan }) => tally.group(plan.name).active),
      exits: exitsOf(entries, sources),
      workers: entries.flatMap((entry) =>
        entry.state.members.flatMap((member) => workerMetrics(entry, member, { sources, tally, usage })),
      ),
    }
  })
}

/** Also of routers that did not answer now: their gauges are older then, their counters do not fall. */
function latestReports({ machines, reports }: StatusSources): ReadonlyMap<number, RouterReport> {
  return new Map(
    machines.fleet.members.flatMap(({ number }) => {
      const report = reports.latest(number)
      return report === undefined ? [] : [[number, report] as const]
    }),
  )
}

function exitsOf(entries: readonly Readonly<GroupEntry>[], { workers }: StatusSources): Map<ExitReason, number> {
  const exits = new Map<ExitReason, number>()
  for (const { plan } of entries) {
    for (const [reason, count] of workers.of(plan.name).history.byReason) {
      exits.set(reason, (exits.get(reason) ?? 0) + count)
    }
  }
  return exits
}

type Numbers = Readonly<{ sources: StatusSources; tally: Tally; usage: Usage }>

function workerMetrics(
  { plan }: Readonly<GroupEntry>,
  { number, slot, generation, worker }: Member,
  { sources: { workers, reports }, tally, usage }: Numbers,
): WorkerMetrics[] {
  const process = workers.of(plan.name).process(number)
  if (process === undefined) return []
  return [
    {
      applicationGroup: plan.applicationGroup,
      slot,
      state: publicWorkerState[worker.phase],
      generation: generation.number,
      startedAt: process.startedAt,
      ended: reports.workers.of({ group: plan.name, worker: number }),
      active: tally.worker(plan.name, number).active,
      usage: usage.get(process.pid) ?? null,
    },
  ]
}
