// What was collected → the files of a wsgid configuration, with a remark for everything that is not carried over.
import { placeApplication, type Placed } from './application.ts'
import type { Collected, Scope } from './collected.ts'
import { groupOptions } from './daemon-options.ts'
import type { Draft, DraftApplication, DraftGroup, Options, Remark } from './draft.ts'
import { hostOptions, hostRemarks, listenOption } from './hosts.ts'
import type { Directive } from './syntax.ts'

/** Apache's own processes as a group: mod_wsgi's embedded mode. */
const embeddedGroup = 'embedded'

export function translate(found: Collected): Draft {
  const groups = new Groups(found)
  const placed = found.scripts.map((alias) => {
    const each = placeApplication(alias, hostOptions(alias.scope, found.scopes), found)
    return { ...each, scope: alias.scope, group: groups.for(each.processGroup, alias.directive) }
  })
  const daemons = found.daemons.map(({ name }) => safeName(name))
  for (const each of placed) each.group.applications.push(restricted(withApplicationGroup(each, placed), daemons))
  groups.preload()
  const listen = listenOption(found)
  const server: Options = {
    ...(listen !== undefined && { listen }),
    ...(found.accessLog && { 'access-log': 'combined' }),
  }
  const remarks = [...hostRemarks(found), ...unused(found, placed)]
  for (const { scope, ...remark } of found.notes) {
    const near = scope.virtual === null ? undefined : placed.find((each) => each.scope === scope)
    if (near === undefined) remarks.push(remark)
    else near.group.remarks.push(remark)
  }
  return {
    server,
    remarks,
    groups: groups.all.filter(({ applications, name }) => applications.length > 0 || groups.isChosen(name)),
  }
}

type InGroup = Placed & Readonly<{ scope: Scope; group: DraftGroup }>

class Groups {
  readonly #found: Collected
  readonly #groups = new Map<string, DraftGroup>()
  #byUrl: DraftGroup | undefined

  constructor(found: Collected) {
    this.#found = found
    for (const { name, options, directive } of found.daemons) this.#add(name, options, directive)
  }

  get all(): readonly DraftGroup[] {
    return [...new Set(this.#groups.values()), ...(this.#byUrl === undefined ? [] : [this.#byUrl])]
  }

  /** Whether a URL may choose a group. */
  isChosen(name: string): boolean {
    return this.#byUrl !== undefined && this.#found.daemons.some((each) => safeName(each.name) === name)
  }

  /** @param processGroup see Placed */
  for(processGroup: string | null, directive: Directive): DraftGroup {
    if (processGroup === null) {
      this.#byUrl ??= { name: this.#free('by-url'), options: {}, applications: [], preloadScripts: [], remarks: [] }
      return this.#byUrl
    }
    const known = this.#groups.get(processGroup)
    if (known !== undefined) return known
    const isEmbedded = processGroup === '%{GLOBAL}'
    const group = this.#add(isEmbedded ? this.#free(embeddedGroup) : processGroup, new Map(), directive)
    this.#groups.set(processGroup, group)
    const why = isEmbedded
      ? 'it ran in the processes of Apache itself; here it has a group of its own'
      : `there is no WSGIDaemonProcess ${processGroup}: the group has the defaults`
    group.remarks.push({ place: directive.place, text: directive.text, why })
    if (isEmbedded && this.#found.pythonPath !== null) group.options['python-path'] = this.#found.pythonPath.split(':')
    return group
  }

  /** WSGIImportScript. */
  preload(): void {
    for (const { path, options, directive } of this.#found.imports) {
      const group = this.#groups.get(options.get('process-group') ?? '%{GLOBAL}')
      if (group === undefined) continue
      group.preloadScripts.push(path)
      const interpreter = options.get('application-group') ?? '%{GLOBAL}'
      if (interpreter !== '%{GLOBAL}')
        group.remarks.push({ ...directive, why: `it runs in all processes of the group, not only for ${interpreter}` })
    }
  }

  #add(name: string, given: ReadonlyMap<string, string>, { place, text }: Directive): DraftGroup {
    const { user, group, pythonHome, scriptReloading, restrictStdout } = this.#found
    const { options, lost } = groupOptions(given)
    const remarks = [...lost].map(([option, why]) => ({
      place,
      text: `${text.split(/\s/, 2).join(' ')} ${option}=…`,
      why,
    }))
    const identity: Options =
      given.has('user') || user === null ? {} : { user, ...(group !== null && !given.has('group') && { group }) }
    const made: DraftGroup = {
      name: safeName(name),
      options: {
        ...identity,
        ...options,
        ...(pythonHome !== null && !given.has('python-home') && { 'python-home': pythonHome }),
        ...(!scriptReloading && { 'script-reloading': 'off' }),
        ...(restrictStdout && { 'restrict-stdout': 'error' }),
      },
      ...{ applications: [], preloadScripts: [], remarks },
    }
    this.#groups.set(name, made)
    return made
  }

  #free(wanted: string): string {
    return this.#groups.has(wanted) ? this.#free(`${wanted}-1`) : wanted
  }
}

/** As the name of a group must be. */
const safeName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)

/** A URL chooses among Apache's daemon process groups, and nothing else that a configuration of wsgid may have. */
function restricted(application: DraftApplication, daemons: readonly string[]): DraftApplication {
  const { options } = application
  if (!('process-group' in options) || 'restrict-process' in options || daemons.length === 0) return application
  return { ...application, options: { ...options, 'restrict-process': daemons } }
}

/** mod_wsgi's default is an interpreter for each application: where a group has several, they are kept apart. */
function withApplicationGroup(
  { application, applicationGroup, group }: InGroup,
  all: readonly InGroup[],
): DraftApplication {
  const { options, remarks, place } = application
  const isAlone = all.filter((each) => each.group === group).length === 1
  const wanted = applicationGroup ?? '%{RESOURCE}'
  if (wanted === '%{GLOBAL}' || (wanted === '%{RESOURCE}' && isAlone)) return application
  const leave = (why: string): DraftApplication => ({
    ...application,
    remarks: [...remarks, { place, text: `WSGIApplicationGroup ${wanted}`, why }],
  })
  if (wanted === '%{RESOURCE}' && 'match' in options)
    return leave('the sites of a match share a process; process-group: with a capture keeps them apart')
  if (wanted === '%{HOST}' && !hasExactHosts(options)) return leave('it needs hosts that are named one by one')
  if (!/^(?:%\{(?:RESOURCE|SERVER|HOST)\}|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/.test(wanted))
    return leave('it is neither a name nor one of %{GLOBAL}, %{RESOURCE}, %{SERVER}, %{HOST}')
  return { ...application, options: { ...options, 'application-group': wanted } }
}

function hasExactHosts({ hosts }: Options): boolean {
  return Array.isArray(hosts) && hosts.every((host) => !String(host).startsWith('*'))
}

/** Lines that are understood and hold for no application. */
function unused({ scopes, aliases }: Collected, placed: readonly InGroup[]): readonly Remark[] {
  const remark = ({ place, text }: Directive, why: string): Remark => ({ place, text, why })
  const rewrites = scopes
    .flatMap(({ settings, overlays }) => [settings, ...overlays.map((each) => each.settings)])
    .flatMap((settings) => settings.rewrites)
    .filter(({ directive }) => !placed.some(({ used }) => used.has(directive)))
    .map(({ directive }) => remark(directive, 'no WSGIScriptAliasMatch has the same pattern'))
  const sections = scopes
    .flatMap(({ overlays }) => overlays)
    .filter((overlay) => saysSomething(overlay.settings) && !placed.some(({ overlays }) => overlays.has(overlay)))
    .map(({ place, kind, path }) => ({ place, text: `<${kind} ${path}>`, why: 'no application is there' }))
  const directories = aliases
    .filter(({ directive }) => !placed.some(({ application }) => servesAlias(application, directive)))
    .map(({ directive }) => remark(directive, 'no application has a mount above it: static files belong to one'))
  return [...rewrites, ...sections, ...directories]
}

function saysSomething({ processGroup, applicationGroup, callable, environ, login }: Scope['settings']): boolean {
  return (
    [processGroup, applicationGroup, callable].some((each) => each !== undefined) || environ.size > 0 || login !== null
  )
}

function servesAlias({ options }: DraftApplication, { args: [, directory = ''] }: Directive): boolean {
  const { static: directories } = options
  return typeof directories === 'object' && Object.values(directories).includes(directory.replace(/(.)\/+$/, '$1'))
}
