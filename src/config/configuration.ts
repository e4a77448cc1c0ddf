// Options of wsgid.yaml → the configuration of a server: defaults filled in, paths absolute, names as in code.
// Asks nothing of the machine: whether users, files and routes are good is the plan's business.
import { dirname, resolve } from 'node:path'
import { configureAdmin, type AdminConfiguration } from './admin-options.ts'
import type { AccessLogChoice } from './access-log-option.ts'
import { wholeFile } from './diagnostics.ts'
import type { GroupConfiguration } from './group-configuration.ts'
import { limitsOf, type LimitsConfiguration } from './limit-options.ts'
import { configureListener, type ListenerConfiguration } from './listener-configuration.ts'
import type { ParsedFile } from './parse.ts'
import type { ProxyHeader } from './proxy-options.ts'
import { serverDefaults, type ServerOptions } from './server-schema.ts'
import type { Bytes } from '../units.ts'
import type { PlaceOf } from './yaml-file.ts'

/** What wsgid.yaml asks for, its groups aside; undefined where the plan finds the default. */
export type ServerConfiguration = Readonly<{
  /** wsgid.yaml as messages name it. */
  file: string
  /** Its absolute path; null without one (`wsgid serve`). */
  path: string | null
  placeOf: PlaceOf
  listeners: readonly ListenerConfiguration[]
  user: string | undefined
  routers: number
  runDir: string | undefined
  logDir: string | undefined
  /** null: logs are not rotated by size. */
  logRotateSize: Bytes | null
  logRotateCount: number | null
  watch: boolean
  /** null: nowhere. */
  admin: AdminConfiguration | null
  /** Absolute; null: scripts may stand anywhere. */
  scriptDirectories: readonly string[] | null
  accessLog: AccessLogChoice
  trustedProxies: readonly string[]
  trustedProxyHeaders: readonly ProxyHeader[]
  limits: LimitsConfiguration
}>

/**
 * Everything that was asked for: the input of the plan. `isPartial`: what is wrong in a file keeps groups from being among these; `mayDirect`: and one
 * of those may have an application for another group.
 */
export type Configuration = Readonly<{
  server: ServerConfiguration
  groups: readonly GroupConfiguration[]
  isPartial?: boolean
  mayDirect?: boolean
}>

/** The server's part of a configuration. */
export function configureServer({ file, options }: ParsedFile<ServerOptions>): ServerConfiguration {
  const absolute = (path: string): string => resolve(dirname(file.path), path)
  const logDir = options['log-dir']
  return {
    file: file.name,
    path: file.path,
    placeOf: (path) => (file.has(path) ? file.placeOf(path, 'value') : wholeFile(file.name)),
    listeners: (options.listen ?? serverDefaults.listen).map((listener) => configureListener(listener, absolute)),
    user: options.user,
    routers: options.routers ?? serverDefaults.routers,
    runDir: options['run-dir'] === undefined ? undefined : absolute(options['run-dir']),
    limits: limitsOf({ ...serverDefaults, ...options }),
    accessLog: options['access-log'] ?? serverDefaults['access-log'],
    logRotateSize: options['log-rotate-size'] ?? null,
    logRotateCount: options['log-rotate-count'] ?? null,
    watch: options.watch ?? false,
    admin: options.admin === undefined ? null : configureAdmin(options.admin, absolute),
    scriptDirectories: options['script-directories']?.map(absolute) ?? null,
    trustedProxies: options['trusted-proxies'] ?? serverDefaults['trusted-proxies'],
    trustedProxyHeaders: options['trusted-proxy-headers'] ?? serverDefaults['trusted-proxy-headers'],
    logDir: logDir === undefined || logDir === '-' ? logDir : absolute(logDir),
  }
}
