// The configuration of `wsgid serve`: one application from the command line, without any file.
// Shares everything behind it with configuration files; its problems stand at "command line".
import { basename, extname, resolve } from 'node:path'
import { globalGroup } from './application-group.ts'
import { parseModule } from './application-schema.ts'
import type { Configuration } from './configuration.ts'
import { wholeFile, type Diagnostic } from './diagnostics.ts'
import { anyProcessGroup, type EntryConfiguration } from './group-configuration.ts'
import { builtInDefaults, serverLogName } from './group-schema.ts'
import { settingsOf } from './group-settings.ts'
import { limitsOf } from './limit-options.ts'
import { plainListener } from './listener-configuration.ts'
import { parseListen, type ListenAddress } from './listen.ts'
import { serverDefaults } from './server-schema.ts'

/** What `wsgid serve` was asked for. */
export type ServeRequest = Readonly<{
  /** A script's path, or module:callable. An argument with a "/" or ending in .py or .wsgi is a path. */
  target: string
  /** As in `listen` of wsgid.yaml. */
  listen: string
  /** Account of the worker, when wsgid runs as root; undefined: nobody. */
  user: string | undefined
  /** A fresh directory for the sockets; the caller owns and removes it. */
  runDir: string
  workingDirectory: string
}>

export type ServeResult =
  Readonly<{ ok: true; configuration: Configuration }> | Readonly<{ ok: false; diagnostics: readonly Diagnostic[] }>

const commandLine = wholeFile('command line')

/** One group with one application at "/", logs to stderr; everything else as a group file without options has it. */
export function configureServe(request: ServeRequest): ServeResult {
  const listener = parseListen(request.listen)
  const entry = entryOf(request)
  if (listener && entry) return { ok: true, configuration: configurationOf(request, listener, entry) }
  return {
    ok: false,
    diagnostics: [
      ...(listener ? [] : [invalid(`--listen ${request.listen}`, 'host:port, [v6]:port, unix:/path or systemd:NAME')]),
      ...(entry ? [] : [invalid(`"${request.target}"`, 'the path of a script, or module:callable')]),
    ],
  }
}

function configurationOf(
  { user, runDir }: ServeRequest,
  listener: ListenAddress,
  entry: EntryConfiguration,
): Configuration {
  const placeOf = () => commandLine
  return {
    server: {
      file: commandLine.file,
      path: null,
      placeOf,
      listeners: [plainListener(listener)],
      user: undefined,
      routers: serverDefaults.routers,
      accessLog: serverDefaults['access-log'],
      trustedProxies: serverDefaults['trusted-proxies'],
      trustedProxyHeaders: serverDefaults['trusted-proxy-headers'],
      limits: limitsOf(serverDefaults),
      runDir,
      logDir: '-',
      logRotateSize: null,
      logRotateCount: null,
      watch: false,
      admin: null,
      scriptDirectories: null,
    },
    groups: [
      {
        ...settingsOf(builtInDefaults),
        file: commandLine.file,
        path: null,
        foundIn: null,
        placeOf,
        name: nameOf(entry),
        user,
        group: undefined,
        supplementaryGroups: undefined,
        env: {},
        applications: [
          {
            ...{ placeOf, order: { file: commandLine.file, index: 0 }, mount: '', match: null, hosts: [], aliases: [] },
            ...{ processGroup: null, restrictProcess: anyProcessGroup, applicationGroup: globalGroup },
            ...{ requireFile: null, entry, environ: {}, auth: null, static: [] },
          },
        ],
      },
    ],
  }
}

function entryOf({ target, workingDirectory }: ServeRequest): EntryConfiguration | undefined {
  if (target.includes('/') || /\.(?:py|wsgi)$/.test(target))
    return { kind: 'script', path: resolve(workingDirectory, target), callable: 'application' }
  const reference = parseModule(target)
  return reference && { kind: 'module', module: reference.module, callable: reference.callable ?? 'application' }
}

/** The script's file name or the module, without what a group's name cannot have. */
function nameOf(entry: EntryConfiguration): string {
  const wanted = entry.kind === 'module' ? entry.module : basename(entry.path, extname(entry.path))
  const name = wanted.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return name === '' || name === serverLogName ? 'application' : name.slice(0, 64)
}

const invalid = (what: string, expected: string): Diagnostic => ({
  ...commandLine,
  code: 'invalid-value',
  what: `${what} is not understood`,
  cure: `give ${expected}`,
})
