// What there is to tell of a server as numbers, at one moment. Types only; metric-samples.ts gives them names.
import type { ExitReason } from '../lifecycle/exit-reason.ts'
import type { PublicGroupState, PublicWorkerState } from '../lifecycle/public-state.ts'
import type { RequestCounts } from '../protocol/request-counts.ts'

/** Of one process since its start. */
export type ProcessUsage = Readonly<{
  cpuSeconds: number
  residentBytes: number
  descriptors: number
  /** Among the first 1024 descriptors; null: nobody may see what they are. */
  sockets: number | null
}>

export type RouterMetrics = Readonly<{
  number: number
  /** It has answered in time; else what is told of it, and its part of all sums, is what it said last. */
  isUp: boolean
  connections: number
  usage: ProcessUsage | null
}>

export type WorkerMetrics = Readonly<{
  applicationGroup: string
  slot: number
  state: PublicWorkerState
  generation: number
  startedAt: Date
  /** By STATUS_CLASSES. */
  ended: readonly number[]
  active: number
  usage: ProcessUsage | null
}>

/** Of one group, its parts taken together. */
export type GroupMetrics = Readonly<{
  name: string
  state: PublicGroupState
  processes: number
  threads: number
  queue: number
  active: number
  counts: RequestCounts
  exits: ReadonlyMap<ExitReason, number>
  workers: readonly WorkerMetrics[]
}>

export type ServerMetrics = Readonly<{
  version: string
  startedAt: Date
  isReady: boolean
  usage: ProcessUsage | null
  /** Since the start, those that live included. */
  routersStarted: number
  routers: readonly RouterMetrics[]
  groups: readonly GroupMetrics[]
}>
