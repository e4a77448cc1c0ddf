// What a configuration says, sorted by what it is about. Types, and the empty values.
import type { Rewrite } from './rewrites.ts'
import type { Directive, Options, Place } from './syntax.ts'

/** Require, and the containers of several. `other`: something that is not asked of a user and a password. */
export type Demand =
  | Readonly<{ kind: 'granted' | 'denied' | 'valid-user' | 'other'; directive: Line }>
  | Readonly<{ kind: 'user' | 'group'; names: readonly string[]; directive: Line }>
  | Readonly<{ kind: 'any' | 'all'; demands: readonly Demand[]; directive: Line }>

/** Order, Allow or Deny; `args` in lower case. */
export type HostRule = Readonly<{ name: 'order' | 'allow' | 'deny'; args: string }>

/** A directive or the line that opens a section. */
export type Line = Readonly<{ place: Place; text: string }>

/** Nothing else of what has a line. */
export const lineOf = ({ place, text }: Line): Line => ({ place, text })

/** Auth* but Require. `provider`: false when passwords are asked for elsewhere than in a file. */
export type Login = { type?: string; realm?: string; users?: string; groups?: string; provider?: boolean }

/** A value, and where it is said. */
export type Said<Value> = Readonly<{ value: Value; line: Line }>

/** What holds for applications in a server, a virtual host, or a section. */
export type Settings = {
  processGroup?: string
  applicationGroup?: string
  callable?: string
  restrictProcess?: readonly string[]
  scriptReloading?: Said<boolean>
  /** LimitRequestBody, bytes. */
  requestBody?: Said<number>
  /** null: taken away by UnsetEnv. */
  environ: Map<string, string | null>
  rewriteEngine: boolean
  rewrites: Rewriting[]
  login: Login
  demands: Demand[]
  hostRules: HostRule[]
  /** SetHandler wsgi-script. */
  isHandled: boolean
  /** AddHandler wsgi-script, with the dots. */
  extensions: string[]
  /** Every directive of it that a part of an application cannot have for itself. */
  lines: Line[]
}

export type Rewriting = Readonly<{ rewrite: Rewrite; directive: Directive }>

/** Where all of a virtual host is sent; `host` null: to the one that was asked for. */
export type Redirection = Readonly<{
  scheme: string
  host: string | null
  port: number | null
  isPermanent: boolean
  directive: Directive
}>

/** The main server, or a virtual host. */
export type Scope = {
  place: Place
  /** null: the main server. */
  virtual: Readonly<{ ports: readonly string[]; text: string }> | null
  /** In lower case, ServerName first. */
  hosts: string[]
  settings: Settings
  tls: boolean
  certificates: string[]
  keys: string[]
  redirection: Redirection | null
}

/** <Directory>, <Location> and the like. `holder`: the section around it. */
export type Overlay = Readonly<{
  kind: OverlayKind
  path: string
  scope: Scope
  holder: Overlay | null
  settings: Settings
  place: Place
  text: string
}>
export type OverlayKind = 'directory' | 'directorymatch' | 'location' | 'locationmatch' | 'files' | 'filesmatch'

/** WSGIScriptAlias and WSGIScriptAliasMatch, or an Alias of scripts. */
export type ScriptAlias = Readonly<{
  scope: Scope
  url: string
  isPattern: boolean
  script: string
  /** What the names of scripts end with, when `script` is a directory; "" for anything. */
  extension: string
  options: Options
  directive: Directive
}>

/** Alias and DocumentRoot: URL path and directory or file. */
export type Alias = Readonly<{ scope: Scope; url: string; target: string; isRoot: boolean; directive: Directive }>
export type Daemon = Readonly<{ name: string; options: Options; directive: Directive }>
export type Import = Readonly<{ path: string; options: Options; directive: Directive }>

/** Something that is not carried over, and why. Its comment belongs where `overlay`, else `scope`, does. */
export type Note = Line & Readonly<{ scope: Scope; overlay: Overlay | null; why: string }>

export type Collected = {
  scopes: Scope[]
  overlays: Overlay[]
  scripts: ScriptAlias[]
  daemons: Daemon[]
  aliases: Alias[]
  imports: Import[]
  listens: { address: string; isSecure: boolean; directive: Directive }[]
  notes: Note[]
  faults: { place: Place; what: string }[]
  user: string | null
  group: string | null
  /** Options of wsgid.yaml. */
  server: Record<string, string | number | readonly string[]>
  /** Options of every group. */
  everywhere: Record<string, string>
  /** Options of the group that stands for Apache's own processes. */
  embedded: Record<string, string | number | readonly string[]>
}

export const newSettings = (): Settings => ({
  ...{ environ: new Map(), rewriteEngine: false, rewrites: [], login: {}, demands: [], hostRules: [] },
  ...{ isHandled: false, extensions: [], lines: [] },
})

export const newScope = (place: Place, virtual: Scope['virtual']): Scope => ({
  ...{ place, virtual, hosts: [], settings: newSettings(), tls: false, certificates: [], keys: [], redirection: null },
})

export const nothingCollected = (main: Scope): Collected => ({
  ...{ scopes: [main], overlays: [], scripts: [], daemons: [], aliases: [], imports: [], listens: [], notes: [] },
  ...{ faults: [], user: null, group: null, server: {}, everywhere: {}, embedded: {} },
})
