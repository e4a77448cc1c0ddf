// What a configuration says, sorted by what it is about. Types only.
import type { Rewrite } from './rewrites.ts'
import type { Directive, Place } from './syntax.ts'

/** Auth* and Require of one section. */
export type Login = {
  type?: string
  realm?: string
  users?: string
  groups?: string
  /** Require valid-user, user, group. */
  validUser?: boolean
  requiredUsers: string[]
  requiredGroups: string[]
  place: Place
}

/** What holds for applications in a server, a virtual host, or a section that matches them. */
export type Settings = {
  processGroup?: string
  applicationGroup?: string
  callable?: string
  restrictProcess?: readonly string[]
  environ: Map<string, string>
  rewrites: { rewrite: Rewrite; directive: Directive }[]
  login: Login | null
}

/** The main server, or a virtual host. */
export type Scope = {
  place: Place
  /** null: the main server. */
  virtual: Readonly<{ ports: readonly string[] }> | null
  hosts: string[]
  settings: Settings
  overlays: Overlay[]
  certificate: string | null
  key: string | null
  /** Another host that all of it is sent to, permanently. */
  redirect: Readonly<{ host: string; place: Place }> | null
}

/** <Directory>, <Location>, <LocationMatch>, <Files>. */
export type Overlay = Readonly<{ kind: OverlayKind; path: string; settings: Settings; place: Place }>
export type OverlayKind = 'directory' | 'location' | 'locationmatch' | 'files'

/** WSGIScriptAlias and WSGIScriptAliasMatch. */
export type ScriptAlias = Readonly<{
  scope: Scope
  url: string
  isPattern: boolean
  script: string
  options: ReadonlyMap<string, string>
  directive: Directive
}>

export type Daemon = Readonly<{ name: string; options: ReadonlyMap<string, string>; directive: Directive }>

/** Something that is not carried over, and why. `scope` is where its comment belongs. */
export type Note = Readonly<{ scope: Scope; place: Place; text: string; why: string }>

export type Collected = Readonly<{
  scopes: readonly Scope[]
  scripts: readonly ScriptAlias[]
  daemons: readonly Daemon[]
  /** Alias: URL path and directory. */
  aliases: readonly Readonly<{ scope: Scope; url: string; directory: string; directive: Directive }>[]
  imports: readonly Readonly<{
    path: string
    options: ReadonlyMap<string, string>
    scope: Scope
    directive: Directive
  }>[]
  listens: readonly string[]
  notes: readonly Note[]
  user: string | null
  group: string | null
  pythonHome: string | null
  pythonPath: string | null
  scriptReloading: boolean
  restrictStdout: boolean
  accessLog: boolean
}>
