// The one mapping from the options' names in YAML to those in code, and the defaults that depend on other options.
// Paths are absolute here already.
import { milliseconds } from '../units.ts'
import type { builtInDefaults, SharedOptions } from './group-schema.ts'

/** Every option that a group and `defaults` share; those that `builtInDefaults` has are always there. */
export type MergedOptions = typeof builtInDefaults & Omit<SharedOptions, keyof typeof builtInDefaults>

/** What a group is asked to be, `env` aside, whose maps are merged. */
export type GroupSettings = Readonly<ReturnType<typeof settingsOf>>

/**
 * One literal on purpose, long as it is: put together of smaller ones it took 50 µs a group, a twentieth of the time of `wsgid check`.
 *
 * @param shared a group's own options over those of `defaults` over those built in
 */
export function settingsOf(shared: MergedOptions) {
  const processes = shared.processes ?? shared['minimum-processes'] ?? 1
  return {
    processes,
    minimumProcesses: shared['minimum-processes'] ?? processes,
    maximumProcesses: shared['maximum-processes'] ?? processes,
    threads: shared.threads,
    start: shared.start,
    preload: shared.preload,
    scriptReloading: shared['script-reloading'],
    maximumRequests: shared['maximum-requests'],
    maximumRequestsJitter: shared['maximum-requests-jitter'],
    maximumMemory: shared['maximum-memory'],
    restartInterval: shared['restart-interval'],
    inactivityTimeout:
      shared['inactivity-timeout'] ?? (shared.start === 'on-demand' ? onDemandInactivity : milliseconds(0)),
    startupTimeout: shared['startup-timeout'],
    gracefulTimeout: shared['graceful-timeout'],
    evictionTimeout: shared['eviction-timeout'] ?? shared['graceful-timeout'],
    shutdownTimeout: shared['shutdown-timeout'],
    python: shared.python ?? '/usr/bin/python3',
    /** Where it is not null, the interpreter is to be found in there, and `python` says nothing. */
    pythonHome: shared['python-home'] ?? null,
    pythonPath: shared['python-path'],
    preloadScripts: shared['preload-script'],
    pythonEggs: shared['python-eggs'] ?? null,
    home: shared.home ?? null,
    switchInterval: shared['switch-interval'] ?? null,
    lang: shared.lang,
    locale: shared.locale ?? shared.lang,
    restrictStdout: shared['restrict-stdout'],
    envFile: shared['env-file'] ?? null,
    slowRequests: shared['slow-requests'],
    requestTimeout: shared['request-timeout'],
    interruptTimeout: shared['interrupt-timeout'],
    deadlockTimeout: shared['deadlock-timeout'],
    queueTimeout: shared['queue-timeout'],
    listenBacklog: shared['listen-backlog'],
    connectTimeout: shared['connect-timeout'],
    socketTimeout: shared['socket-timeout'],
    responseSocketTimeout: shared['response-socket-timeout'] ?? shared['socket-timeout'],
    /** null: with those of the server. */
    accessLog: shared['access-log'] ?? null,
    limitRequestBody: shared['limit-request-body'],
    responseBufferSize: shared['response-buffer-size'],
    umask: shared.umask ?? null,
    /** null: the system's root directory. */
    chroot: shared.chroot === undefined || shared.chroot === '/' ? null : shared.chroot,
    scriptUser: shared['script-user'] ?? null,
    scriptGroup: shared['script-group'] ?? null,
    cpuPriority: shared['cpu-priority'],
    cpuTimeLimit: shared['cpu-time-limit'],
    memoryLimit: shared['memory-limit'],
    virtualMemoryLimit: shared['virtual-memory-limit'],
    stackSize: shared['stack-size'],
    displayName: shared['display-name'],
  }
}

// As long as a visitor may read a page: the next one of the same visit is answered at once.
const onDemandInactivity = milliseconds(10 * 60_000)
