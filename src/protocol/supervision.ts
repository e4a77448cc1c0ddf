// What the supervisor says to its children and hears from them. To routers: Node's IPC channel, one JSON message each,
// listening sockets attached. To workers: one JSON object a line on the control socket (descriptor 3). See docs/protocol.md.
import type {
  AccessLogFormat,
  ApplicationPlan,
  CertificatePlan,
  Identity,
  RouterSettings,
  ProxyProtocol,
} from '../plan/plan.ts'
import type { CredentialEntry, CredentialKind } from '../plan/credential-files.ts'

/** A group as the router needs to know it; durations in milliseconds, sizes in bytes, as in GroupPlan. */
export type RouterGroup = Readonly<{
  name: string
  /** What captures call it. */
  processGroup: string
  threads: number
  multiprocess: boolean
  listenBacklog: number
  connectTimeout: number
  queueTimeout: number
  socketTimeout: number
  responseSocketTimeout: number
  limitRequestBody: number
  responseBufferSize: number
  /** null: that of the server. */
  accessLog: AccessLogFormat | null
  /** What a router that leaves gives the group's running requests. */
  gracefulTimeout: number
  applications: readonly RouterApplication[]
}>

/** `number` names an application in requests; it is the same in all generations of the group. */
export type RouterApplication = ApplicationPlan & Readonly<{ number: number }>

/** How a listener serves its clients. Certificates with their keys come this way since routers cannot read the files. */
export type ListenerSettings = Readonly<{
  /** As in ListenerPlan; empty: plain HTTP. */
  certificates: readonly CertificatePlan[]
  hsts: string | null
  proxyProtocol: ProxyProtocol
  redirect: Readonly<{ status: number; port: number }> | null
}>

/** A file of users or groups, as a group's plan names it and reads it. */
export type CredentialName = Readonly<{ group: string; kind: CredentialKind; path: string }>

/** What the supervisor knows of it: as the router has it, changed, or not to be used: nobody may pass. */
export type CredentialState = Readonly<
  { state: 'same' } | { state: 'new'; version: string; entries: readonly CredentialEntry[] } | { state: 'unusable' }
>

/** The address of one worker: where the router connects, where it reads what the worker has begun (null: nowhere) and how the worker is named in logs. */
export type WorkerAddress = Readonly<{
  group: string
  worker: number
  pid: number
  socketPath: string
  scoreboardPath: string | null
}>

/** A share of the requests, above 0 and up to 1, or those that have a header: its name in lower case, null for any value. */
export type DebugSelection =
  Readonly<{ share: number }> | Readonly<{ header: Readonly<{ name: string; value: string | null }> }>

/** Why a group cannot answer now; the router turns it into 500 (load-error), 403 (forbidden: script-user, script-group) or 503. `detail` goes to the log only. */
export type Unavailability = 'load-error' | 'forbidden' | 'cannot-start' | 'stopping'

export type ToRouter =
  /** First message: whom to become before any socket is touched (null: stay). `nonceSecret` is the same for all routers. */
  | Readonly<{ type: 'configure'; identity: Identity | null; router: number; nonceSecret: string }>
  /** What all groups share; before the first routes, and when a reload has changed it. */
  | Readonly<{ type: 'settings'; settings: RouterSettings }>
  /** Replaces the whole route table. A group that is not in it gets no more requests; what it has is finished. */
  | Readonly<{ type: 'routes'; groups: readonly RouterGroup[] }>
  /** Attached: a bound socket handle. A listener without TLS comes several times: each time it is one more copy of the same socket. */
  | Readonly<{ type: 'listen'; listener: string; settings: ListenerSettings }>
  /** New settings for a listener that stays what it is, plain or with TLS: open connections keep what they have. */
  | Readonly<{ type: 'relisten'; listener: string; settings: ListenerSettings }>
  /** The address is no longer ours: close that listener, finish what its clients have asked for. */
  | Readonly<{ type: 'unlisten'; listener: string }>
  | Readonly<{ type: 'worker-ready'; address: WorkerAddress }>
  /** A worker under a debugger: it gets the chosen requests and no others; one a group. Ends as any worker, by `worker-withdraw`. */
  | Readonly<{ type: 'debug-worker'; address: WorkerAddress; selection: DebugSelection }>
  /** No new requests to this worker; answer `worker-idle` when nothing is running there any more. */
  | Readonly<{ type: 'worker-withdraw'; group: string; worker: number }>
  /** Answer to `demand` when no worker can be had: fail what is queued. */
  | Readonly<{ type: 'group-unavailable'; group: string; why: Unavailability; detail: string }>
  /** Answer to `credentials-wanted`. */
  | Readonly<{ type: 'credentials'; file: CredentialName; answer: CredentialState }>
  | Readonly<{ type: 'report'; sequence: number }>
  /** Close the listeners, finish running requests within the longest gracefulTimeout of the groups, exit 0. */
  | Readonly<{ type: 'drain' }>
  /** Cut what runs, hand on the lines of access logs, exit 0, all within a second. */
  | Readonly<{ type: 'quit' }>

export type RouterWorkerReport = Readonly<{
  group: string
  worker: number
  /** That it was sent. */
  requests: number
  active: number
  /** Of those, how many have ended, by STATUS_CLASSES of what the client got. */
  ended: readonly number[]
}>
export type RouterGroupReport = Readonly<{
  group: string
  queue: number
  /** That have begun. */
  requests: number
  /** Of those that have ended; null: none has. */
  statistics: RouterGroupStatistics | null
}>
/** Counts since the router knows the group, and in the window of the last `recentSeconds`. */
export type RouterGroupStatistics = Readonly<{
  since: readonly number[]
  recent: readonly number[]
  recentSeconds: number
}>

export type FromRouter =
  /** Identity taken, route table empty: ready for the rest. */
  | Readonly<{ type: 'ready' }>
  | Readonly<{ type: 'listening'; listener: string }>
  | Readonly<{ type: 'listen-failed'; listener: string; reason: string }>
  | Readonly<{ type: 'worker-idle'; group: string; worker: number }>
  /** The connection to this worker broke; for the log, the supervisor acts on the process's exit. */
  | Readonly<{ type: 'worker-lost'; group: string; worker: number; reason: string }>
  /** Requests have waited for a thread for 100 ms and more; repeated every 100 ms while that lasts. For scaling. */
  | Readonly<{ type: 'pressure'; group: string; queued: number }>
  /** Requests wait and no worker is ready. Sent once until `worker-ready` or `group-unavailable`. */
  | Readonly<{ type: 'demand'; group: string }>
  /** Somebody wants to pass, and what is known of this file is a second old. `version` is that of the last answer, null without any. */
  | Readonly<{ type: 'credentials-wanted'; file: CredentialName; version: string | null }>
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

/**
 * First line to a template process: everything it and its workers may know; secrets never travel in argv. Its descriptors from 4 on
 * are the group's listening sockets, its slots. Durations in seconds, 0 = off.
 */
export type TemplateConfiguration = Readonly<{
  type: 'configure'
  group: string
  /** "" = the main one: mod_wsgi.application_group. */
  applicationGroup: string
  displayName: string
  /** How many slots it has inherited. */
  slots: number
  threads: number
  processes: number
  preload: boolean
  /** Workers that get no request at all shall stop too: the clock of inactivity-timeout runs from their birth. */
  onDemand: boolean
  /** First entry of sys.path, or null. */
  home: string | null
  pythonPath: readonly string[]
  preloadScripts: readonly string[]
  umask: number | null
  switchIntervalSeconds: number | null
  stackSize: number
  restrictStdout: 'log' | 'error'
  scriptReloading: 'rolling' | 'immediate' | 'off'
  scriptUser: number | null
  scriptGroup: number | null
  scriptDirectories: readonly string[] | null
  maximumRequests: number
  maximumRequestsJitter: number
  maximumMemoryBytes: number
  inactivityTimeoutSeconds: number
  slowRequestsSeconds: number
  requestTimeoutSeconds: number
  interruptTimeoutSeconds: number
  deadlockTimeoutSeconds: number
  gracefulTimeoutSeconds: number
  shutdownTimeoutSeconds: number
  /** Not a template process but a worker under pdb, on the terminal that its descriptors 0 to 2 are; its number, and where it stops. */
  debug: Readonly<{ worker: number; breaks: readonly (readonly [file: string, line: number])[] }> | null
  /** Indexed by the application number that each request carries. */
  applications: readonly Omit<ApplicationPlan, 'auth' | 'static'>[]
}>

/** To a template process; what names a worker is passed on to it, or done to it. */
export type ToTemplate =
  | TemplateConfiguration
  /** Fork worker number `worker` onto slot `slot` (0-based). Obeyed when the template is ready; may be sent before. */
  | Readonly<{ type: 'fork'; worker: number; slot: number }>
  /** Take no new requests, hand back what was not started, finish the rest, exit 0. `reason` is for shutdown callbacks. */
  | Readonly<{ type: 'drain'; worker: number; reason: string }>
  | Readonly<{ type: 'signal'; worker: number; signal: 'TERM' | 'KILL' }>
  /** To the worker: say `stacks`. One that cannot run Python code does not answer. */
  | Readonly<{ type: 'tell-stacks'; worker: number }>
  /** To the template: have the worker's signal handler write its stacks, which needs no lock; and what has been written since. */
  | Readonly<{ type: 'write-stacks' | 'read-stacks'; worker: number }>
  /** No more forks: exit 0 as soon as no worker is left. */
  | Readonly<{ type: 'retire-template' }>

/** From a template process; lines with a worker number come from that worker, by way of the template. */
export type FromTemplate =
  | Readonly<{ type: 'forked'; worker: number; pid: number }>
  | Readonly<{ type: 'loaded'; worker: number; python: string }>
  /** `traceback` is for the log and lastError. The worker exits 1 after this line; worker null: the template (preload) does. */
  | Readonly<{ type: 'load-error'; worker: number | null; entry: string; summary: string; traceback: string }>
  /** The worker wants to be replaced and serves until it is. A subset of the exit reasons. */
  | Readonly<{ type: 'retire'; worker: number; reason: WorkerRetireReason }>
  /** A script is not the one this worker has loaded. Repeated every half second while requests come. */
  | Readonly<{ type: 'script-changed'; worker: number; script: string }>
  /** Where its threads are: those that wait for a request are counted in `idle`, those for which there is no room in `leftOut`. */
  | (Readonly<{ type: 'stacks'; worker: number }> & ToldStacks)
  /** Answer of the template to `read-stacks`: faulthandler's text as far as it was written, "" = nothing yet. */
  | Readonly<{ type: 'written-stacks'; worker: number; text: string }>
  /** The worker has ended; always the last line about it. */
  | Readonly<{ type: 'exited'; worker: number; code: number | null; signal: string | null }>

export type StackFrame = Readonly<{ file: string; line: number; function: string; code: string }>

/** One thread, the outermost frame first. `request`: what it serves, and for how long; `leftOut`: frames in the middle of a deep recursion. */
export type ThreadStack = Readonly<{
  name: string
  request: Readonly<{ id: string; line: string; seconds: number }> | null
  leftOut: number
  frames: readonly StackFrame[]
}>

export type ToldStacks = Readonly<{ idle: number; leftOut: number; threads: readonly ThreadStack[] }>

/** Why a worker asks for its replacement. */
export type WorkerRetireReason =
  'signal' | 'maximum-requests' | 'inactivity-timeout' | 'maximum-memory' | 'cpu-time-limit' | 'request-timeout'
