// What the supervisor says to its children and hears from them. To routers: Node's IPC channel, one JSON message each,
// listening sockets attached. To workers: one JSON object a line on the control socket (descriptor 3). See docs/protocol.md.
import type { ApplicationPlan, Identity } from '../plan/plan.ts'

/** A group as the router needs to know it; durations in milliseconds, sizes in bytes, as in GroupPlan. */
export type RouterGroup = Readonly<{
  name: string
  threads: number
  multiprocess: boolean
  queueTimeout: number
  limitRequestBody: number
  responseBufferSize: number
  applications: readonly Pick<ApplicationPlan, 'mount' | 'hosts' | 'entry' | 'environ'>[]
}>

/** The address of one worker: where the router connects and how the worker is named in logs. */
export type WorkerAddress = Readonly<{ group: string; worker: number; pid: number; socketPath: string }>

/** Why a group cannot answer now; the router turns it into 500 (load-error) or 503. `detail` goes to the log only. */
export type Unavailability = 'load-error' | 'cannot-start' | 'stopping'

export type ToRouter =
  /** First message: whom to become before any socket is touched (null: stay), and how to end. */
  | Readonly<{ type: 'configure'; identity: Identity | null; router: number; gracefulTimeout: number }>
  /** Replaces the whole route table. */
  | Readonly<{ type: 'routes'; groups: readonly RouterGroup[] }>
  /** Attached: a bound socket handle. `secure` and certificates come with TLS. */
  | Readonly<{ type: 'listen'; listener: string }>
  | Readonly<{ type: 'worker-ready'; address: WorkerAddress }>
  /** No new requests to this worker; answer `worker-idle` when nothing is running there any more. */
  | Readonly<{ type: 'worker-withdraw'; group: string; worker: number }>
  /** Answer to `demand` when no worker can be had: fail what is queued. */
  | Readonly<{ type: 'group-unavailable'; group: string; why: Unavailability; detail: string }>
  | Readonly<{ type: 'report'; sequence: number }>
  /** Close the listeners, finish running requests within gracefulTimeout, exit 0. */
  | Readonly<{ type: 'drain' }>

export type RouterWorkerReport = Readonly<{ group: string; worker: number; requests: number; active: number }>
export type RouterGroupReport = Readonly<{ group: string; queue: number; requests: number }>

export type FromRouter =
  /** Identity taken, route table empty: ready for the rest. */
  | Readonly<{ type: 'ready' }>
  | Readonly<{ type: 'listening'; listener: string }>
  | Readonly<{ type: 'listen-failed'; listener: string; reason: string }>
  | Readonly<{ type: 'worker-idle'; group: string; worker: number }>
  /** The connection to this worker broke; for the log, the supervisor acts on the process's exit. */
  | Readonly<{ type: 'worker-lost'; group: string; worker: number; reason: string }>
  /** Requests wait and no worker is ready. Sent once until `worker-ready` or `group-unavailable`. */
  | Readonly<{ type: 'demand'; group: string }>
  /** A line for the log of a group, or of the server when group is null. */
  | Readonly<{ type: 'log'; group: string | null; level: 'info' | 'warn' | 'error'; request: string; text: string }>
  | Readonly<{
      type: 'reported'
      sequence: number
      connections: number
      requests: number
      groups: readonly RouterGroupReport[]
      workers: readonly RouterWorkerReport[]
    }>

/** First line to a worker. Everything it may know; secrets never travel in argv. */
export type WorkerConfiguration = Readonly<{
  type: 'configure'
  group: string
  worker: number
  threads: number
  processes: number
  /** First entry of sys.path, or null. */
  home: string | null
  gracefulTimeoutSeconds: number
  shutdownTimeoutSeconds: number
  /** Indexed by the application number that each request carries. */
  applications: readonly ApplicationPlan[]
}>

export type ToWorker =
  | WorkerConfiguration
  /** Take no new requests, hand back what was not started, finish the rest, exit 0. */
  | Readonly<{ type: 'drain' }>

export type FromWorker =
  | Readonly<{ type: 'loaded'; milliseconds: number; python: string }>
  /** `traceback` is for the log and lastError; the worker exits 1 after this line. */
  | Readonly<{ type: 'load-error'; entry: string; summary: string; traceback: string }>
  /** The worker wants to be replaced (USR1): a successor first, then a drain. */
  | Readonly<{ type: 'retire'; reason: 'signal' }>
