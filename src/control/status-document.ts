// What `wsgid status --json` prints: a stable contract, documented in docs/operations.md. Types only.
import type { ExitReason } from '../lifecycle/exit-reason.ts'
import type {
  PublicGroupState,
  PublicRouterState,
  PublicServerState,
  PublicWorkerState,
} from '../lifecycle/public-state.ts'

export type StatusDocument = Readonly<{
  version: string
  pid: number
  state: PublicServerState
  /** ISO 8601, UTC; as all times here. */
  startedAt: string
  uptimeSeconds: number
  /** null for `wsgid serve`. */
  configFile: string | null
  /** The addresses that are really bound, as URLs. */
  listen: readonly string[]
  /** Where metrics and health are told; null: nowhere. */
  admin: string | null
  routers: readonly RouterStatus[]
  groups: readonly GroupStatus[]
}>

export type RouterStatus = Readonly<{ pid: number; state: PublicRouterState; connections: number; requests: number }>

export type GroupStatus = Readonly<{
  name: string
  user: string
  group: string
  state: PublicGroupState
  generation: number
  /** Of all application-groups together. */
  processes: number
  threads: number
  /** Requests that wait for a worker. */
  queue: number
  /** Since the routers started. */
  requests: number
  active: number
  recent: RecentRequests
  /** Workers that ended for any reason but `stop`. */
  restarts: number
  /** Why the last worker could not start: a traceback or a sentence; null when the last one did. */
  lastError: string | null
  applications: readonly ApplicationStatus[]
  workers: readonly WorkerStatus[]
  /** Of the last ten, the newest last. */
  lastExits: readonly ExitStatus[]
}>

/**
 * Requests that have ended in the last minute: a window of 60 to 65 seconds, shorter as long as the group is younger. Their latency is the
 * time from the request's head to the last byte of the response as handed to the client's connection; it is counted in a
 * histogram (LATENCY_BOUNDS in protocol/request-counts.ts), and what lies between two of its bounds is told in proportion.
 */
export type RecentRequests = Readonly<{
  /** How long the window really is; 0 when no request has ever ended. */
  seconds: number
  requests: number
  /** Answered by 5xx, whoever answered. */
  serverErrors: number
  requestsPerSecond: number
  /** null without requests. */
  p50Milliseconds: number | null
  p99Milliseconds: number | null
}>

/** `script` is the path of a script, or "module:callable". Where `match` decides, `mount` says the same. */
export type ApplicationStatus = Readonly<{
  hosts: readonly string[]
  mount: string
  match: string | null
  script: string
  applicationGroup: string
}>

export type WorkerStatus = Readonly<{
  pid: number
  /** "" = the main one, `%{GLOBAL}`. */
  applicationGroup: string
  state: PublicWorkerState
  generation: number
  requests: number
  active: number
  startedAt: string
  /** null when the process is gone by the time it is measured. */
  rssBytes: number | null
  /** Of one core; null as for rssBytes. */
  cpuPercent: number | null
}>

export type ExitStatus = Readonly<{
  pid: number
  reason: ExitReason
  code: number | null
  signal: string | null
  at: string
}>
