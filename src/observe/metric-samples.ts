// Gives the numbers of a server their names and labels. Pure: knows no format.
import { exitReasons } from '../lifecycle/exit-reason.ts'
import { publicGroupStates, publicWorkerStates } from '../lifecycle/public-state.ts'
import {
  endsOf,
  LATENCY_BOUNDS,
  latenciesOf,
  latencySumOf,
  queueingOf,
  STATUS_CLASSES,
} from '../protocol/request-counts.ts'
import type { MetricName } from './metric-definitions.ts'
import type { GroupMetrics, ProcessUsage, RouterMetrics, ServerMetrics, WorkerMetrics } from './server-metrics.ts'

export type Labels = Readonly<Record<string, string>>

/** Cumulative, as the formats want it: how many were not longer than each bound, in seconds. */
export type HistogramValue = Readonly<{
  buckets: readonly Readonly<{ le: number; count: number }>[]
  count: number
  sum: number
}>

export type Sample = Readonly<{ name: MetricName; labels: Labels; value: number | HistogramValue }>

/** Those of the routers' bounds that are told, milliseconds: 1-2-5 up to ten seconds, then where the time limits are. */
const toldBounds = new Set([
  ...[0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000],
])

/** Told also when there were none, so that the first one is seen as an increase. */
const usualEnds = new Set(['2xx ok', '3xx ok', '4xx ok', '5xx ok', '5xx failed', '5xx timeout', '5xx refused'])

/** Every sample once; those of one metric need not stand together. */
export function* samplesOf(server: ServerMetrics): Generator<Sample> {
  yield sample('wsgid_build_info', { version: server.version }, 1)
  yield sample('wsgid_start_time_seconds', {}, server.startedAt.getTime() / 1000)
  yield sample('wsgid_ready', {}, Number(server.isReady))
  yield* supervisorSamples(server.usage)
  yield sample('wsgid_routers_started_total', {}, server.routersStarted)
  for (const router of server.routers) yield* routerSamples(router)
  for (const group of server.groups) {
    yield* requestSamples(group)
    yield* staffSamples(group)
    for (const worker of group.workers) yield* workerSamples(group, worker)
  }
}

function* supervisorSamples(usage: ProcessUsage | null): Generator<Sample> {
  if (usage === null) return
  yield sample('wsgid_supervisor_cpu_seconds_total', {}, usage.cpuSeconds)
  yield sample('wsgid_supervisor_resident_memory_bytes', {}, usage.residentBytes)
  yield sample('wsgid_supervisor_open_fds', {}, usage.descriptors)
}

function* routerSamples({ number, isUp, connections, usage }: RouterMetrics): Generator<Sample> {
  const labels = { router: String(number) }
  yield sample('wsgid_router_up', labels, Number(isUp))
  yield sample('wsgid_router_connections', labels, connections)
  if (usage === null) return
  yield sample('wsgid_router_cpu_seconds_total', labels, usage.cpuSeconds)
  yield sample('wsgid_router_resident_memory_bytes', labels, usage.residentBytes)
  yield sample('wsgid_router_open_fds', labels, usage.descriptors)
  if (usage.sockets !== null) yield sample('wsgid_router_sockets', labels, usage.sockets)
}

function* requestSamples({ name: group, counts, queue, active }: GroupMetrics): Generator<Sample> {
  for (const { status, cause, count } of endsOf(counts)) {
    if (count === 0 && !usualEnds.has(`${status} ${cause}`)) continue
    yield sample('wsgid_requests_total', { group, status, cause }, count)
  }
  yield { name: 'wsgid_request_duration_seconds', labels: { group }, value: durations(counts) }
  const { requests, milliseconds } = queueingOf(counts)
  yield sample('wsgid_queue_waits_total', { group }, requests)
  yield sample('wsgid_queue_wait_seconds_total', { group }, milliseconds / 1000)
  yield sample('wsgid_queue_length', { group }, queue)
  yield sample('wsgid_requests_active', { group }, active)
}

function durations(counts: GroupMetrics['counts']): HistogramValue {
  let count = 0
  const buckets: HistogramValue['buckets'][number][] = []
  for (const [place, latencies] of latenciesOf(counts).entries()) {
    count += latencies
    const bound = LATENCY_BOUNDS[place]
    if (bound !== undefined && toldBounds.has(bound)) buckets.push({ le: bound / 1000, count })
  }
  return { buckets, count, sum: latencySumOf(counts) / 1000 }
}

function* staffSamples({ name: group, state, processes, threads, workers, exits }: GroupMetrics): Generator<Sample> {
  for (const each of publicGroupStates)
    yield sample('wsgid_group_state', { group, state: each }, Number(each === state))
  for (const each of publicWorkerStates) {
    yield sample('wsgid_workers', { group, state: each }, workers.filter((worker) => worker.state === each).length)
  }
  yield sample('wsgid_workers_configured', { group }, processes)
  yield sample('wsgid_threads_configured', { group }, processes * threads)
  for (const reason of exitReasons) yield sample('wsgid_worker_exits_total', { group, reason }, exits.get(reason) ?? 0)
}

/** A worker is known by its slot, which its successor gets again: a pid as label would make a new series of each. */
function* workerSamples({ name: group }: GroupMetrics, worker: WorkerMetrics): Generator<Sample> {
  const { applicationGroup, slot, usage } = worker
  const labels: Labels = {
    group,
    ...(applicationGroup !== '' && { application_group: applicationGroup }),
    worker: String(slot),
  }
  for (const [place, status] of STATUS_CLASSES.entries()) {
    const count = worker.ended[place] ?? 0
    if (count > 0 || status === '2xx' || status === '5xx')
      yield sample('wsgid_worker_requests_total', { ...labels, status }, count)
  }
  yield sample('wsgid_worker_requests_active', labels, worker.active)
  yield sample('wsgid_worker_ready', labels, Number(worker.state === 'ready'))
  yield sample('wsgid_worker_generation', labels, worker.generation)
  yield sample('wsgid_worker_start_time_seconds', labels, worker.startedAt.getTime() / 1000)
  if (usage === null) return
  yield sample('wsgid_worker_cpu_seconds_total', labels, usage.cpuSeconds)
  yield sample('wsgid_worker_resident_memory_bytes', labels, usage.residentBytes)
  yield sample('wsgid_worker_open_fds', labels, usage.descriptors)
  if (usage.sockets !== null) yield sample('wsgid_worker_sockets', labels, usage.sockets)
}

const sample = (name: MetricName, labels: Labels, value: number): Sample => ({ name, labels, value })
