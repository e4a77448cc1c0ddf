// What shall run, fully resolved: no defaults left to fill in, no names left to look up. Made by make-plan.ts from a
// configuration and facts; read by the supervisor, `check` and the router. Plain data: it crosses process borders as JSON.
import type { Bytes, Gid, Milliseconds, Uid } from '../units.ts'

/** Who a process is. `groups` is the complete supplementary list as setgroups(2) gets it (sorted, with the primary gid). */
export type Identity = Readonly<{
  uid: Uid
  gid: Gid
  groups: readonly Gid[]
  /** Account name, or the uid in digits when no account has it. */
  userName: string
  /** Group name, or the gid in digits. */
  groupName: string
  /** Home directory of the account, "/" without one. */
  homeDirectory: string
  /** Login shell of the account, "/bin/sh" without one. */
  shell: string
}>

/** What a worker loads: a file by path or an importable module, and the global of it that is the WSGI application. */
export type Entry =
  /** The path has captures in it: which file it is shows with each request, and its first one loads it. */
  | Readonly<{ kind: 'captured-script'; path: string; callable: string }>
  | Readonly<{ kind: 'script'; path: string; callable: string }>
  | Readonly<{ kind: 'module'; module: string; callable: string }>

/** One mounted WSGI application. */
export type ApplicationPlan = Readonly<{
  /** "" for the root of the site, else a prefix with a leading and without a trailing slash: it is SCRIPT_NAME. "" also with `match`. */
  mount: string
  /** A regular expression at which the application begins, with named captures; null: `mount` decides. */
  match: string | null
  /** Where its definition stands: expressions are tried in this order. */
  order: Readonly<{ file: string; index: number }>
  /** Lower-case host names, exact or "*.example.org"; empty = any host, and so is "*" among them. */
  hosts: readonly string[]
  /** Hosts whose requests are redirected to the first of `hosts`. */
  aliases: readonly string[]
  /** A text with captures that names the process group of each request; null: only this group serves it. */
  processGroup: string | null
  /** mod_wsgi.application_group: applications with different ones are never in one process. "" = "%{GLOBAL}". */
  applicationGroup: string
  /** With captures; null: nothing is asked for. */
  requireFile: string | null
  entry: Entry
  /** Loaded by the first request that a worker gets for it, not at its start. */
  lazy: boolean
  /** WSGI variables (SetEnv) that are the same in every request. */
  environ: Readonly<Record<string, string>>
  /** Those with captures in them. */
  capturedEnviron: Readonly<Record<string, string>>
  /** Who may pass, checked by the routers; null: nobody is asked. */
  auth: AuthPlan | null
  /** Directories that the routers serve themselves. */
  static: readonly StaticPlan[]
}>

/** Files are absolute paths of the system. */
export type AuthPlan = Readonly<{
  type: 'basic' | 'digest'
  realm: string
  users: string
  groups: string | null
  /** null: every user of the file; else any of these. */
  require: Readonly<{ users: readonly string[]; groups: readonly string[] }> | null
  /** Prefixes below the mount, "" for everything. */
  paths: readonly string[]
}>

/** A directory (its real path, without links) and where it appears below the mount. */
export type StaticPlan = Readonly<{
  prefix: string
  directory: string
  index: string | null
  cacheControl: string
}>

/** Whether connections begin with a PROXY header: never, if the proxy wants, always. */
export type ProxyProtocol = 'off' | 'accepted' | 'required'

/** How a line of an access log reads; `off`: there is none. */
export type AccessLogFormat = 'off' | 'combined' | 'json'

/** One process group, or the part of it with one application-group: workers never serve two. */
export type GroupPlan = Readonly<{
  /** Unique among all: that of the process group, with the application-group behind it unless that is "". */
  name: string
  /** The name that the operator gave it. */
  processGroup: string
  applicationGroup: string
  /** Where the definition stands, for messages: "groups.d/site-1.yaml". */
  source: string
  /** Whom the workers run as. When the supervisor is not root this is the current user and nothing is switched. */
  identity: Identity
  processes: number
  threads: number
  /** Working directory and first entry of sys.path; null: the account's home as cwd, sys.path untouched. */
  home: string | null
  /** Absolute path of the interpreter. */
  python: string
  /** The complete process environment, built from nothing. */
  environment: Readonly<Record<string, string>>
  /** What `ps` shows: display-name. */
  displayName: string
  /** Directories put in front of sys.path, .pth files obeyed (python-path). */
  pythonPath: readonly string[]
  /** Scripts that run before the applications load. */
  preloadScripts: readonly string[]
  /** sys.setswitchinterval(); null: Python's own. */
  switchInterval: Milliseconds | null
  /** Octal file mode mask; null: 022. */
  umask: number | null
  /** Root directory of the workers; null: the system's. */
  chroot: string | null
  /** Nice value, -20 … 19. */
  cpuPriority: number
  /** RLIMIT_CPU, soft; 0 = none. At the limit the worker is replaced. */
  cpuTimeLimit: Milliseconds
  /** RLIMIT_DATA and RLIMIT_AS; 0 = none. */
  memoryLimit: Bytes
  virtualMemoryLimit: Bytes
  /** RSS at which a worker is replaced; 0 = none. */
  maximumMemory: Bytes
  /** Stack of each thread; 0 = the system's. */
  stackSize: Bytes
  restrictStdout: 'log' | 'error'
  scriptReloading: 'rolling' | 'immediate' | 'off'
  /** Who must own the scripts, else 403; null: not checked. At most one is given. */
  scriptUser: Uid | null
  scriptGroup: Gid | null
  /** Real paths of the directories in which a script must stand, else 403; null: anywhere. */
  scriptDirectories: readonly string[] | null
  /** `on-demand`: nothing runs until the first request, nor after inactivity-timeout. */
  start: 'always' | 'on-demand'
  /** Load the applications once, in the template process, before workers are forked. */
  preload: boolean
  /** Scaled between the two by the queue; both equal `processes` unless given. */
  minimumProcesses: number
  maximumProcesses: number
  maximumRequests: number
  maximumRequestsJitter: number
  /** Durations; 0 = off where 0 is allowed. */
  restartInterval: Milliseconds
  inactivityTimeout: Milliseconds
  slowRequests: Milliseconds
  requestTimeout: Milliseconds
  interruptTimeout: Milliseconds
  deadlockTimeout: Milliseconds
  startupTimeout: Milliseconds
  gracefulTimeout: Milliseconds
  /** Grace after USR1; equals gracefulTimeout unless given. */
  evictionTimeout: Milliseconds
  shutdownTimeout: Milliseconds
  /** How long a request may wait for a place in a full queue; then 503. */
  connectTimeout: Milliseconds
  /** Longest silence of a worker within a response; then 504, or the connection is cut. */
  socketTimeout: Milliseconds
  /** Longest wait for a thread; then 504. */
  queueTimeout: Milliseconds
  /** Longest time a client may take nothing of a response that waits for it; then the connection is cut. */
  responseSocketTimeout: Milliseconds
  /** Requests that may wait in the group's queue; those beyond it wait connect-timeout at most. */
  listenBacklog: number
  /** Largest request body; 0 = unlimited. */
  limitRequestBody: Bytes
  /** How much of one response the router takes off a worker ahead of a slow client. */
  responseBufferSize: Bytes
  /** null: with those of the server. */
  accessLog: AccessLogFormat | null
  applications: readonly ApplicationPlan[]
}>

/** An address that clients connect to. */
export type AddressPlan =
  | Readonly<{ kind: 'tcp'; host: string; port: number }>
  | Readonly<{ kind: 'unix'; path: string }>
  /** A socket inherited by systemd socket activation, named by FileDescriptorName=. */
  | Readonly<{ kind: 'systemd'; name: string }>

/** What clients may send and keep open. Sizes in bytes, durations in milliseconds; 0 = no limit where 0 is allowed. */
export type ClientLimits = Readonly<{
  requestLine: Bytes
  requestHeader: Bytes
  requestFields: number
  headerTimeout: Milliseconds
  /** For a body, prolonged by a second for each `bodyMinimumRate` bytes. */
  bodyTimeout: Milliseconds
  bodyMinimumRate: Bytes
  keepAliveTimeout: Milliseconds
  /** Of one router: its share of what the server may have. */
  maximumConnections: number
  maximumConnectionsPerAddress: number
}>

/** What routers go by whatever the group; may change while the server runs. */
export type RouterSettings = Readonly<{
  accessLog: AccessLogFormat
  /** Addresses, networks, "unix:". */
  trustedProxies: readonly string[]
  /** Names of headers, as in `trusted-proxy-headers`. */
  trustedProxyHeaders: readonly string[]
  limits: ClientLimits
}>

/** A certificate with its key, PEM texts; the key is a secret. `names` as in its subjectAltName, lower case. */
export type CertificatePlan = Readonly<{ certificate: string; key: string; names: readonly string[] }>

/** One address and how clients are served there. */
export type ListenerPlan = Readonly<{
  address: AddressPlan
  /** The first one is for clients that ask for no name or one that no certificate has; empty: plain HTTP. */
  certificates: readonly CertificatePlan[]
  /** Value of Strict-Transport-Security; null: no such header. */
  hsts: string | null
  proxyProtocol: ProxyProtocol
  /** Every request is sent to https instead of an application; port null: where the first listener with TLS is. */
  redirect: Readonly<{ status: 301 | 308; port: number | null }> | null
}>

/** A log of this size is put aside; so many old ones are kept. */
export type LogRotation = Readonly<{ size: Bytes; count: number }>

/** Where the server tells metrics and health. `gid` may connect to a Unix socket; null: only its owner. */
export type AdminPlan = Readonly<{ address: Exclude<AddressPlan, { kind: 'systemd' }>; gid: Gid | null }>

/** Everything one supervisor runs. */
export type ServerPlan = Readonly<{
  /** Absolute path of wsgid.yaml; null for `wsgid serve`. */
  configFile: string | null
  runDir: string
  /** Directory of wsgid.log and GROUP.log, or "-" for stderr. */
  logDir: string
  /** null: somebody else rotates the logs. */
  logRotation: LogRotation | null
  listeners: readonly ListenerPlan[]
  /** Whom the routers run as. */
  routerIdentity: Identity
  routers: number
  routerSettings: RouterSettings
  /** Whether identities are switched: true when the supervisor runs as root. */
  privileged: boolean
  /** Whether changed configuration is taken over by itself. */
  watch: boolean
  /** null: nowhere. */
  admin: AdminPlan | null
  groups: readonly GroupPlan[]
}>
