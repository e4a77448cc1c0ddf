// Sorts the directives of a configuration by what they are about. What they become is translate.ts's business.
import type { Collected, Login, Note, Overlay, OverlayKind, Scope, Settings } from './collected.ts'
import { readRewriteRule, readSetEnvIf, type Rewrite } from './rewrites.ts'
import type { Directive, Node, Section } from './syntax.ts'

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] extends readonly (infer Item)[] ? Item[] : Type[Key] }

/** How Apache runs itself, speaks HTTP and logs: there is nothing to carry over, wsgid does these in its own way. */
const housekeeping =
  /^(?:serverroot|pidfile|mutex|errorlog|errorlogformat|loglevel|logformat|timeout|keepalive.*|maxkeepaliverequests|hostnamelookups|serversignature|servertokens|traceenable|startservers|(?:min|max)sparethreads|(?:min|max)spareservers|threadsperchild|threadlimit|serverlimit|max(?:requestworkers|clients|connectionsperchild|requestsperchild)|serveradmin|usecanonicalname|namevirtualhost|options|allowoverride|order|rewriteengine|sslengine|accessfilename|typesconfig|addtype|defaulttype|addhandler|wsgisocketprefix|wsgisocketrotation|wsgiacceptmutex|wsgirestrictembedded|wsgilazyinitialization|wsgipassauthorization|wsgichunkedrequest|wsgienablesendfile|wsgicasesensitivity|wsgirestrictsignal|wsgirestrictstdin|wsgiverbosedebugging|wsgiignoreactivity|wsgimapheadtoget)$/

const newSettings = (): Settings => ({ environ: new Map(), rewrites: [], login: null })

const newScope = (place: Scope['place'], virtual: Scope['virtual']): Scope => ({
  ...{ place, virtual, hosts: [], settings: newSettings(), overlays: [] },
  ...{ certificate: null, key: null, redirect: null },
})

/** @param file how places name the main file */
export function collect(file: string, nodes: readonly Node[]): Collected {
  const collector = new Collector(file)
  collector.walk(nodes, collector.main, collector.main.settings)
  return collector.found
}

class Collector {
  readonly main: Scope
  readonly found: Writable<Collected>
  /** RewriteCond directives that wait for their rule. */
  #conditions: Directive[] = []

  constructor(file: string) {
    this.main = newScope({ file, line: 1 }, null)
    this.found = {
      ...{ scopes: [this.main], scripts: [], daemons: [], aliases: [], imports: [], listens: [], notes: [] },
      ...{ user: null, group: null, pythonHome: null, pythonPath: null },
      ...{ scriptReloading: true, restrictStdout: false, accessLog: false },
    }
  }

  walk(nodes: readonly Node[], scope: Scope, settings: Settings): void {
    for (const node of nodes) {
      if (node.kind === 'section') this.#section(node, scope, settings)
      else this.#directive(node, scope, settings)
    }
  }

  #section(section: Section, scope: Scope, settings: Settings): void {
    const { name, args, children, place } = section
    if (name === 'virtualhost') {
      const virtual = newScope(place, { ports: args.map((each) => /:(\d+|\*)$/.exec(each)?.[1] ?? '*') })
      this.found.scopes.push(virtual)
      return this.walk(children, virtual, virtual.settings)
    }
    // Any of these is what several Require are by themselves.
    if (name === 'requireany') return this.walk(children, scope, settings)
    const kind = overlayKind(section)
    if (kind === undefined) return this.#leave(section, scope, 'this kind of section has no counterpart')
    const overlay: Overlay = { kind, path: args.at(-1) ?? '', settings: newSettings(), place }
    scope.overlays.push(overlay)
    this.walk(children, scope, overlay.settings)
  }

  /** A section and all that is in it. */
  #leave(section: Section, scope: Scope, why: string): void {
    this.#note(section, scope, why)
    for (const child of section.children) {
      if (child.kind === 'section') this.#leave(child, scope, `it stands in ${section.text}`)
      else if (!housekeeping.test(child.name)) this.#note(child, scope, `it stands in ${section.text}`)
    }
  }

  #note({ place, text }: Node, scope: Scope, why: string): void {
    const note: Note = { scope, place, text, why }
    this.found.notes.push(note)
  }

  #directive(directive: Directive, scope: Scope, settings: Settings): void {
    const why =
      this.#ofServer(directive, scope) ??
      this.#ofScope(directive, scope, settings) ??
      this.#ofSettings(directive, scope, settings)
    if (why === undefined && !housekeeping.test(directive.name))
      return this.#note(directive, scope, 'there is no counterpart')
    if (typeof why === 'string') this.#note(directive, scope, why)
  }

  /** @returns true when it is understood, or why it cannot be carried over; undefined: it is not one of these */
  #ofServer({ name, args, ...rest }: Directive, scope: Scope): true | string | undefined {
    const { found } = this
    const directive = { name, args, ...rest }
    const [first = '', second = ''] = args
    switch (name) {
      case 'listen':
        found.listens.push(first)
        return true
      case 'user':
        found.user = account(first)
        return true
      case 'group':
        found.group = account(first)
        return true
      case 'customlog':
      case 'transferlog':
        found.accessLog = true
        return true
      case 'wsgidaemonprocess':
        found.daemons.push({ name: first, options: optionsOf(args.slice(1)), directive })
        return true
      case 'wsgiimportscript':
        found.imports.push({ path: first, options: optionsOf(args.slice(1)), scope, directive })
        return true
      case 'wsgipythonhome':
        found.pythonHome = first
        return true
      case 'wsgipythonpath':
        found.pythonPath = first
        return true
      case 'wsgiscriptreloading':
        found.scriptReloading = isOn(first)
        return true
      case 'wsgirestrictstdout':
        found.restrictStdout = isOn(first)
        return true
      case 'wsgiscriptalias':
      case 'wsgiscriptaliasmatch': {
        const isPattern = name === 'wsgiscriptaliasmatch'
        found.scripts.push({
          scope,
          url: first,
          isPattern,
          script: second,
          options: optionsOf(args.slice(2)),
          directive,
        })
        return true
      }
      case 'alias':
        found.aliases.push({ scope, url: first, directory: second, directive })
        return true
      default:
        return undefined
    }
  }

  #ofScope({ name, args, place }: Directive, scope: Scope, settings: Settings): true | string | undefined {
    const [first = ''] = args
    switch (name) {
      case 'servername':
        if (scope.virtual !== null) scope.hosts.unshift(hostOf(first))
        return true
      case 'serveralias':
        scope.hosts.push(...args.map(hostOf))
        return true
      case 'sslcertificatefile':
        scope.certificate = first
        return true
      case 'sslcertificatekeyfile':
        scope.key = first
        return true
      case 'redirect': {
        const [, host] = /^https?:\/\/([^/:]+)\/?$/.exec(args.at(-1) ?? '') ?? []
        const isPermanent = /^(?:permanent|301)$/.test(first) && args[1] === '/'
        if (host === undefined || !isPermanent || scope.virtual === null || settings !== scope.settings)
          return 'only a virtual host as a whole can be redirected, permanently and to the root of another one'
        scope.redirect = { host: host.toLowerCase(), place }
        return true
      }
      default:
        return undefined
    }
  }

  #ofSettings(directive: Directive, scope: Scope, settings: Settings): true | string | undefined {
    const { name, args } = directive
    const [first = '', second = ''] = args
    switch (name) {
      case 'setenv':
        settings.environ.set(first, second)
        return true
      case 'unsetenv':
        for (const each of args) settings.environ.delete(each)
        return true
      case 'wsgiprocessgroup':
        settings.processGroup = first
        return true
      case 'wsgiapplicationgroup':
        settings.applicationGroup = first
        return true
      case 'wsgicallableobject':
        settings.callable = first
        return true
      case 'wsgirestrictprocess':
        settings.restrictProcess = args
        return true
      case 'rewritecond':
        this.#conditions.push(directive)
        return true
      case 'rewriterule': {
        const conditions = this.#conditions.splice(0)
        const rewrite = readRewriteRule(directive, conditions)
        if (rewrite === undefined)
          for (const each of conditions) this.#note(each, scope, 'its RewriteRule is not carried over')
        return this.#rewrite(directive, settings, rewrite)
      }
      case 'setenvif':
        return this.#rewrite(directive, settings, readSetEnvIf(directive))
      case 'allow':
        return /^from all$/i.test(args.join(' ')) ? true : openToAll
      case 'deny':
      case 'satisfy':
        return openToAll
      case 'authbasicprovider':
      case 'authdigestprovider':
        return args.every((each) => each.toLowerCase() === 'file') ? true : 'passwords are in files only'
      default:
        return ofLogin(directive, settings)
    }
  }

  #rewrite(directive: Directive, settings: Settings, rewrite: Rewrite | undefined): true | string {
    if (rewrite === undefined)
      return 'of rewriting only this is understood: "- [E=name:value]" by the captures of the URL, and "- [F]" where a file is missing'
    settings.rewrites.push({ rewrite, directive })
    return true
  }
}

function ofLogin({ name, args, place }: Directive, settings: Settings): true | string | undefined {
  const [first = '', ...more] = args
  const login = (): Login => (settings.login ??= { requiredUsers: [], requiredGroups: [], place })
  switch (name) {
    case 'authtype':
      if (!/^(?:basic|digest)$/i.test(first)) return /^none$/i.test(first) ? true : 'only Basic and Digest exist'
      login().type = first.toLowerCase()
      return true
    case 'authname':
      login().realm = first
      return true
    case 'authuserfile':
      login().users = first
      return true
    case 'authgroupfile':
      login().groups = first
      return true
    case 'require':
      return ofRequire(first.toLowerCase(), more, login)
    default:
      return undefined
  }
}

function ofRequire(what: string, names: readonly string[], login: () => Login): true | string {
  switch (what) {
    case 'all':
      return names[0]?.toLowerCase() === 'granted' ? true : 'what nobody may reach is better not mounted'
    case 'valid-user':
      login().validUser = true
      return true
    case 'user':
      login().requiredUsers.push(...names)
      return true
    case 'group':
      login().requiredGroups.push(...names)
      return true
    default:
      return `of Require only valid-user, user and group exist; ${openToAll}`
  }
}

function overlayKind({ name, args }: Section): OverlayKind | undefined {
  switch (name) {
    case 'directory':
      return args[0] === '~' ? undefined : 'directory'
    case 'location':
      return args[0] === '~' ? 'locationmatch' : 'location'
    case 'locationmatch':
    case 'files':
      return args[0] === '~' ? undefined : name
    default:
      return undefined
  }
}

const openToAll = 'clients cannot be told apart by where they come from: whoever reaches the listener may pass'

/** `name=value` each. */
function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(words.map((word) => [word.split('=', 1)[0] ?? '', word.slice(word.indexOf('=') + 1)]))
}

/** "#33" is a number; a variable that nobody has defined is none. */
const account = (written: string): string | null => (written.startsWith('$') ? null : written.replace(/^#/, ''))
const isOn = (written: string): boolean => written.toLowerCase() === 'on'
const hostOf = (written: string): string =>
  written
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/:\d+$/, '')
