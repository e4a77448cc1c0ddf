// Options of a group file and of `defaults` → the configuration of a group: defaults filled in, paths absolute, names as in code.
// Asks nothing of the machine: whether users, files and routes are good is the plan's business.
import { basename, dirname, extname, resolve } from 'node:path'
import { globalGroup, type ApplicationGroup } from './application-group.ts'
import type { ApplicationOptions } from './application-schema.ts'
import type { AuthOptions } from './auth-options.ts'
import { wholeFile, type Place } from './diagnostics.ts'
import { builtInDefaults, exclusivePairs, type GroupOptions, type SharedOptions } from './group-schema.ts'
import { settingsOf, type GroupSettings } from './group-settings.ts'
import type { ParsedFile } from './parse.ts'
import type { ServerOptions } from './server-schema.ts'
import type { Path, PlaceOf, YamlFile } from './yaml-file.ts'

/** What a worker loads; a script's path is absolute, and may have captures in it. */
export type EntryConfiguration =
  | Readonly<{ kind: 'script'; path: string; callable: string }>
  | Readonly<{ kind: 'module'; module: string; callable: string }>

export type ApplicationConfiguration = Readonly<{
  /** Of the application as a map of options. */
  placeOf: PlaceOf
  /** Where it stands among all applications: its file, and its number in there. The order of `match`. */
  order: ApplicationOrder
  /** "" for the root of the site, and where `match` decides. */
  mount: string
  /** A regular expression; null: `mount` decides. */
  match: string | null
  /** Hosts that redirect to the first of `hosts`; each once. */
  aliases: readonly string[]
  /** The name of a group or a text with captures; null: the group of the file. */
  processGroup: string | null
  /** Names and patterns of the groups that captures may choose. */
  restrictProcess: readonly string[]
  applicationGroup: ApplicationGroup
  /** Absolute; with captures. */
  requireFile: string | null
  /** Lower case, each once; empty = any host, and so is "*" among them. */
  hosts: readonly string[]
  entry: EntryConfiguration
  environ: Readonly<Record<string, string>>
  /** null: nobody is asked for a password. */
  auth: AuthConfiguration | null
  static: readonly StaticConfiguration[]
}>

/** Paths are absolute, prefixes below the mount: "" for everything. */
export type AuthConfiguration = Readonly<{
  type: 'basic' | 'digest'
  realm: string
  users: string
  groups: string | null
  /** null: every user of the file; else any of these. */
  require: Readonly<{ users: readonly string[]; groups: readonly string[] }> | null
  paths: readonly string[]
}>

/** A directory (absolute) and where it appears below the mount. */
export type StaticConfiguration = Readonly<{
  prefix: string
  directory: string
  index: string | null
  cacheControl: string
}>

export type ApplicationOrder = Readonly<{ file: string; index: number }>

/** A group as its file and `defaults` ask for it; see docs/configuration.md for each option. */
export type GroupConfiguration = GroupSettings &
  Readonly<{
    /** The group file as messages name it. */
    file: string
    /** Its absolute path; null without one (`wsgid serve`). */
    path: string | null
    /** Of an instance of `for-each`, the directory in which its directory was found, absolute. */
    foundIn: string | null
    placeOf: PlaceOf
    name: string
    user: string | undefined
    group: string | undefined
    supplementaryGroups: readonly string[] | undefined
    env: Readonly<Record<string, string>>
    applications: readonly ApplicationConfiguration[]
  }>

/**
 * A group's part of a configuration: its own options over `defaults` of wsgid.yaml over those built in.
 *
 * @param foundIn as in GroupConfiguration
 */
export function configureGroup(
  { file, options }: ParsedFile<GroupOptions>,
  server: ParsedFile<ServerOptions>,
  foundIn: string | null = null,
): GroupConfiguration {
  const defaults = server.options.defaults ?? {}
  const jailed = resolve('/', options.chroot ?? defaults.chroot ?? '/') !== '/'
  const own = sharedPart(file, { at: [], options, jailed })
  const common = sharedPart(server.file, { at: ['defaults'], options: defaults, jailed })
  return {
    // First: what is spread behind other properties is copied one by one.
    ...settingsOf({ ...builtInDefaults, ...besides(common, own), ...own }),
    file: file.name,
    path: file.path,
    foundIn,
    placeOf: (path) => placeOf(path, file, server.file),
    name: options.name ?? basename(file.path, extname(file.path)),
    user: options.user,
    group: options.group,
    supplementaryGroups: options['supplementary-groups'],
    env: { ...common.env, ...own.env },
    applications: (options.applications ?? []).map((application, index) =>
      configureApplication(application, { file, index, jailed }),
    ),
  }
}

/** The options without those that exclude one of `own`. */
function besides(common: SharedPart, own: SharedPart): SharedPart {
  const excluded = exclusivePairs.filter((pair) => pair.some((name) => name in own)).flat()
  return excluded.reduce<SharedPart>((left, name) => {
    const { [name]: _, ...rest } = left
    return rest
  }, common)
}

type SharedPart = Omit<SharedOptions, 'env'> & Readonly<{ env: Readonly<Record<string, string>> }>
type Part = Readonly<{ at: Path; options: SharedOptions; jailed: boolean }>

/** The shared options of one file, its paths resolved and its maps as it writes them. */
function sharedPart(file: YamlFile, { at, options, jailed }: Part): SharedPart {
  const { chroot, 'env-file': envFile, env, ...rest } = options
  const absolute = (path: string): string => resolve(dirname(file.path), path)
  return {
    ...rest,
    ...pathsInside(rest, insideOf(file, jailed)),
    ...(chroot === undefined ? {} : { chroot: absolute(chroot) }),
    ...(envFile === undefined ? {} : { 'env-file': absolute(envFile) }),
    env: asWritten(file, [...at, 'env'], env ?? {}),
  }
}

/** What the workers themselves open: in a chroot, relative paths start at its root, since the directory of a file is not in there. */
const insideOf =
  (file: YamlFile, jailed: boolean) =>
  (path: string): string =>
    resolve(jailed ? '/' : dirname(file.path), path)

const workerPaths = ['python', 'python-home', 'python-eggs', 'home'] as const

function pathsInside(options: SharedOptions, inside: (path: string) => string): SharedOptions {
  const pythonPath = options['python-path']
  const preloadScripts = options['preload-script']
  const single = workerPaths.flatMap((name) => {
    const path = options[name]
    return path === undefined ? [] : [[name, inside(path)] as const]
  })
  return {
    ...Object.fromEntries(single),
    ...(pythonPath === undefined ? {} : { 'python-path': pythonPath.map(inside) }),
    ...(preloadScripts === undefined ? {} : { 'preload-script': preloadScripts.map(inside) }),
  }
}

/** What `restrict-process` says when it is not given. */
export const anyProcessGroup: readonly string[] = ['*']

type Position = Readonly<{ file: YamlFile; index: number; jailed: boolean }>

function configureApplication(
  options: ApplicationOptions,
  { file, index, jailed }: Position,
): ApplicationConfiguration {
  const inside = insideOf(file, jailed)
  const requireFile = options['require-file']
  return {
    placeOf: (path) => file.placeOf(['applications', index, ...path], 'value'),
    order: { file: file.path, index },
    mount: options.mount ?? '',
    match: options.match ?? null,
    hosts: [...new Set(options.hosts)],
    aliases: [...new Set(options.aliases)],
    processGroup: options['process-group'] ?? null,
    restrictProcess: options['restrict-process'] ?? anyProcessGroup,
    applicationGroup: options['application-group'] ?? globalGroup,
    requireFile: requireFile === undefined ? null : inside(requireFile),
    entry: entryOf(options, inside),
    environ: asWritten(file, ['applications', index, 'environ'], options.environ ?? {}),
    auth: options.auth === undefined ? null : authOf(options.auth, insideOf(file, false)),
    static: Object.entries(options.static ?? {}).map(([prefix, directory]) => ({
      prefix,
      directory: insideOf(file, false)(directory.directory),
      index: directory.index ?? null,
      cacheControl: directory['cache-control'] ?? 'public, max-age=0',
    })),
  }
}

// Also of a group in a chroot these are files of the system: its workers open none of them.
function authOf(options: AuthOptions, absolute: (path: string) => string): AuthConfiguration {
  const { type, realm, users, groups, require, paths } = options
  return {
    type: type ?? 'basic',
    realm,
    users: absolute(users),
    groups: groups === undefined ? null : absolute(groups),
    require: require === undefined ? null : { users: require.users ?? [], groups: require.groups ?? [] },
    paths: [...new Set(paths ?? [''])],
  }
}

function entryOf(
  { script, module, callable }: ApplicationOptions,
  inside: (path: string) => string,
): EntryConfiguration {
  if (script !== undefined) return { kind: 'script', path: inside(script), callable: callable ?? 'application' }
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
