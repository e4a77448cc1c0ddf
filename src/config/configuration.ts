// Options → the configuration of a server and its groups: defaults filled in, paths absolute, names as in code.
// Asks nothing of the machine: whether users, files and routes are good is the plan's business.
import { basename, dirname, extname, resolve } from 'node:path'
import type { Bytes, Milliseconds } from '../units.ts'
import { wholeFile, type Place } from './diagnostics.ts'
import { builtInDefaults, type ApplicationOptions, type GroupOptions, type SharedOptions } from './group-schema.ts'
import type { ListenAddress } from './listen.ts'
import type { ParsedFile } from './parse.ts'
import { serverDefaults, type ServerOptions } from './server-schema.ts'
import type { Path, YamlFile } from './yaml-file.ts'

/** The place of the value at a path of options as YAML names them, for messages; where it is a default, the file that decides. */
export type PlaceOf = (path: Path) => Place

/** What a worker loads; a script's path is absolute. */
export type EntryConfiguration =
  | Readonly<{ kind: 'script'; path: string; callable: string }>
  | Readonly<{ kind: 'module'; module: string; callable: string }>

export type ApplicationConfiguration = Readonly<{
  /** "" for the root of the site. */
  mount: string
  /** Lower case, each once; empty = any host. */
  hosts: readonly string[]
  entry: EntryConfiguration
  environ: Readonly<Record<string, string>>
}>

/** A group as its file and `defaults` ask for it; see docs/configuration.md for each option. */
export type GroupConfiguration = Readonly<{
  /** The group file as messages name it. */
  file: string
  /** Its absolute path; null without one (`wsgid serve`). */
  path: string | null
  placeOf: PlaceOf
  name: string
  user: string | undefined
  group: string | undefined
  supplementaryGroups: readonly string[] | undefined
  home: string | null
  processes: number
  threads: number
  python: string
  env: Readonly<Record<string, string>>
  startupTimeout: Milliseconds
  gracefulTimeout: Milliseconds
  shutdownTimeout: Milliseconds
  queueTimeout: Milliseconds
  limitRequestBody: Bytes
  responseBufferSize: Bytes
  applications: readonly ApplicationConfiguration[]
}>

/** What wsgid.yaml asks for, its groups aside; undefined where the plan finds the default. */
export type ServerConfiguration = Readonly<{
  /** wsgid.yaml as messages name it. */
  file: string
  /** Its absolute path; null without one (`wsgid serve`). */
  path: string | null
  placeOf: PlaceOf
  listeners: readonly ListenAddress[]
  user: string | undefined
  routers: number
  runDir: string | undefined
  logDir: string | undefined
}>

/** Everything that was asked for: the input of the plan. */
export type Configuration = Readonly<{ server: ServerConfiguration; groups: readonly GroupConfiguration[] }>

/** The server's part of a configuration. */
export function configureServer({ file, options }: ParsedFile<ServerOptions>): ServerConfiguration {
  const absolute = (path: string): string => resolve(dirname(file.path), path)
  const logDir = options['log-dir']
  return {
    file: file.name,
    path: file.path,
    placeOf: (path) => (file.has(path) ? file.placeOf(path, 'value') : wholeFile(file.name)),
    listeners: (options.listen ?? serverDefaults.listen).map((address) =>
      address.kind === 'unix' ? { ...address, path: absolute(address.path) } : address,
    ),
    user: options.user,
    routers: options.routers ?? serverDefaults.routers,
    runDir: options['run-dir'] === undefined ? undefined : absolute(options['run-dir']),
    logDir: logDir === undefined || logDir === '-' ? logDir : absolute(logDir),
  }
}

/** A group's part of a configuration: its own options over `defaults` of wsgid.yaml over those built in. */
export function configureGroup(
  { file, options }: ParsedFile<GroupOptions>,
  server: ParsedFile<ServerOptions>,
): GroupConfiguration {
  const own = sharedPart(file, [], options)
  const common = sharedPart(server.file, ['defaults'], server.options.defaults ?? {})
  const shared = { ...builtInDefaults, ...common, ...own }
  return {
    file: file.name,
    path: file.path,
    placeOf: (path) => placeOf(path, file, server.file),
    name: options.name ?? basename(file.path, extname(file.path)),
    user: options.user,
    group: options.group,
    supplementaryGroups: options['supplementary-groups'],
    ...settingsOf(shared),
    env: { ...common.env, ...own.env },
    applications: options.applications.map((application, index) => configureApplication(application, file, index)),
  }
}

type Settings = Pick<
  GroupConfiguration,
  | 'home'
  | 'processes'
  | 'threads'
  | 'python'
  | 'startupTimeout'
  | 'gracefulTimeout'
  | 'shutdownTimeout'
  | 'queueTimeout'
  | 'limitRequestBody'
  | 'responseBufferSize'
>

/** The one mapping from the names in YAML to those in code; `env` aside, whose maps are merged. */
export function settingsOf(shared: Omit<typeof builtInDefaults, 'env'> & Readonly<{ home?: string }>): Settings {
  return {
    home: shared.home ?? null,
    processes: shared.processes,
    threads: shared.threads,
    python: shared.python,
    startupTimeout: shared['startup-timeout'],
    gracefulTimeout: shared['graceful-timeout'],
    shutdownTimeout: shared['shutdown-timeout'],
    queueTimeout: shared['queue-timeout'],
    limitRequestBody: shared['limit-request-body'],
    responseBufferSize: shared['response-buffer-size'],
  }
}

/** The shared options of one file, its paths resolved against it and its maps as it writes them. */
function sharedPart(file: YamlFile, at: Path, { home, python, env, ...rest }: SharedOptions): SharedPart {
  const absolute = (path: string): string => resolve(dirname(file.path), path)
  return {
    ...rest,
    ...(home === undefined ? {} : { home: absolute(home) }),
    ...(python === undefined ? {} : { python: absolute(python) }),
    env: asWritten(file, [...at, 'env'], env ?? {}),
  }
}

type SharedPart = Omit<SharedOptions, 'env'> & Readonly<{ env: Readonly<Record<string, string>> }>

function configureApplication(options: ApplicationOptions, file: YamlFile, index: number): ApplicationConfiguration {
  return {
    mount: options.mount ?? '',
    hosts: [...new Set(options.hosts)],
    entry: entryOf(options, dirname(file.path)),
    environ: asWritten(file, ['applications', index, 'environ'], options.environ ?? {}),
  }
}

function entryOf({ script, module, callable }: ApplicationOptions, directory: string): EntryConfiguration {
  if (script !== undefined)
    return { kind: 'script', path: resolve(directory, script), callable: callable ?? 'application' }
  if (module === undefined) throw new Error('the schema let an application without script and module through')
  return { kind: 'module', module: module.module, callable: callable ?? module.callable ?? 'application' }
}

function asWritten(
  file: YamlFile,
  path: Path,
  map: Readonly<Record<string, string | number | boolean>>,
): Readonly<Record<string, string>> {
  const text = (name: string, value: string | number | boolean): string =>
    typeof value === 'string' ? value : (file.writtenAt([...path, name]) ?? String(value))
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, text(name, value)]))
}

function placeOf(path: Path, file: YamlFile, serverFile: YamlFile): Place {
  const common = ['defaults', ...path]
  if (file.has(path)) return file.placeOf(path, 'value')
  return serverFile.has(common) ? serverFile.placeOf(common, 'value') : wholeFile(file.name)
}
