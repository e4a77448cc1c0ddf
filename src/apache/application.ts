// One WSGIScriptAlias with everything that holds for it → an application of a group file.
import type { Collected, Login, Overlay, ScriptAlias, Settings } from './collected.ts'
import type { DraftApplication, Options, Remark } from './draft.ts'
import { nameGroups, nameReferences, shapeOf } from './rewrites.ts'
import type { Directive } from './syntax.ts'

/** Where an application goes, and what is not known before all are there. */
export type Placed = Readonly<{
  application: DraftApplication
  /** mod_wsgi's name of the group, "%{GLOBAL}" for none; null: the URL chooses. */
  processGroup: string | null
  /** As written, null when it is not given. */
  applicationGroup: string | null
  /** Lines whose effect it has taken in. */
  used: ReadonlySet<Directive>
  /** Sections that hold for it. */
  overlays: ReadonlySet<Overlay>
}>

type Found = Pick<Collected, 'scopes' | 'aliases'>

/** @param hosts with aliases, as the virtual host says */
export function placeApplication(alias: ScriptAlias, hosts: Options, found: Found): Placed {
  const overlays = overlaysOf(alias, found)
  const layers = [...layersOf(alias, found), ...overlays.filter(isWhole(alias)).map(({ settings }) => settings)]
  const remarks: Remark[] = []
  const used = new Set<Directive>()
  const remark = (why: string): void => {
    const { place, text } = alias.directive
    remarks.push({ place, text, why })
  }
  const where = whereOf(alias, layers)
  const variables = capturedVariables(layers, where.shape, used)
  const environ = { ...Object.fromEntries(layers.flatMap(({ environ: each }) => [...each])) }
  const processGroup = alias.options.get('process-group') ?? last(layers, 'processGroup') ?? '%{GLOBAL}'
  const [, variable] = /^%\{ENV:(.+)\}$/.exec(processGroup) ?? []
  const chosen = variable === undefined ? undefined : (variables.get(variable) ?? environ[variable])
  if (variable !== undefined && chosen === undefined)
    remark(`nothing sets ${variable}, which is to name the process group`)
  const callable = alias.options.get('callable-object') ?? last(layers, 'callable')
  const restricted = last(layers, 'restrictProcess')
  const requireFile = requiredFile(layers, where.shape, used)
  const login = loginOf(alias, { layers, overlays, where })
  const directories = staticOf(alias, found)
  const options: Options = {
    ...where.options,
    script: where.script,
    ...(callable !== undefined && { callable }),
    ...hosts,
    ...(chosen !== undefined && variables.has(variable ?? '') && { 'process-group': chosen }),
    ...(chosen !== undefined && restricted !== undefined && { 'restrict-process': restricted }),
    ...(requireFile !== undefined && { 'require-file': requireFile }),
    ...mapOption('environ', { ...escaped(environ), ...Object.fromEntries(variables) }),
    ...(login !== undefined && { auth: login }),
    ...mapOption('static', directories),
  }
  return {
    application: { place: alias.directive.place, options, remarks },
    processGroup: chosen !== undefined && variables.has(variable ?? '') ? null : (chosen ?? processGroup),
    applicationGroup: alias.options.get('application-group') ?? last(layers, 'applicationGroup') ?? null,
    used,
    overlays: new Set(overlays),
  }
}

const mapOption = (name: string, map: Record<string, string>): Options =>
  Object.keys(map).length === 0 ? {} : { [name]: map }
const escaped = (map: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(map).map(([name, text]) => [name, text.replaceAll('${', '$$${')]))

function last<Key extends 'processGroup' | 'applicationGroup' | 'callable' | 'restrictProcess'>(
  layers: readonly Settings[],
  key: Key,
): Settings[Key] | undefined {
  return layers.findLast((each) => each[key] !== undefined)?.[key]
}

/** Main server first. */
function layersOf({ scope }: ScriptAlias, { scopes }: Found): readonly Settings[] {
  const [main] = scopes
  return main === undefined || main === scope ? [scope.settings] : [main.settings, scope.settings]
}

type Where = Readonly<{ options: Options; script: string; shape: string | null; mount: string | null }>

/** `shape`: its pattern without parentheses. `mount`: null with a pattern. */
function whereOf({ url, isPattern, script }: ScriptAlias, layers: readonly Settings[]): Where {
  if (isPattern) {
    const shape = shapeOf(url)
    // A rule may name groups that the alias has not.
    const patterns = layers.flatMap(({ rewrites }) =>
      rewrites.flatMap(({ rewrite }) => [...rewrite.variables, ...rewrite.files].map(({ pattern }) => pattern)),
    )
    const named = [url, ...patterns].filter((each) => shapeOf(each) === shape)
    const fullest = [...named].sort((a, b) => groupsIn(b) - groupsIn(a))[0] ?? url
    const match = nameGroups(fullest).replace(/(?:\/\?|\/)?\(\?<p\d+>\.\*\)\$?$|\$$/, '')
    return { options: { match }, script: nameReferences(script), shape, mount: null }
  }
  if (script.endsWith('/')) {
    const match = `^${escapePattern(url.replace(/\/$/, ''))}/(?<script>[^/]+)`
    return { options: { match }, script: `${script}\${script}`, shape: null, mount: null }
  }
  const mount = url === '/' ? '/' : url.replace(/\/+$/, '')
  return { options: { mount }, script, shape: null, mount: mount === '/' ? '' : mount }
}

const groupsIn = (pattern: string): number => nameGroups(pattern).split('(?<p').length
const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

function capturedVariables(
  layers: readonly Settings[],
  shape: string | null,
  used: Set<Directive>,
): Map<string, string> {
  const variables = new Map<string, string>()
  for (const { rewrites } of layers)
    for (const { rewrite, directive } of rewrites)
      for (const { pattern, name, value } of rewrite.variables) {
        if (shape === null || shapeOf(pattern) !== shape) continue
        variables.set(name, nameReferences(value))
        used.add(directive)
      }
  return variables
}

function requiredFile(layers: readonly Settings[], shape: string | null, used: Set<Directive>): string | undefined {
  for (const { rewrites } of layers)
    for (const { rewrite, directive } of rewrites)
      for (const { pattern, path } of rewrite.files) {
        if (shape === null || shapeOf(pattern) !== shape) continue
        used.add(directive)
        return nameReferences(path)
      }
  return undefined
}

/** The sections that say something of this application, in Apache's order: directories, files, locations. */
function overlaysOf(alias: ScriptAlias, { scopes }: Found): readonly Overlay[] {
  const all = scopes
    .filter((scope) => scope === alias.scope || scope.virtual === null)
    .flatMap(({ overlays }) => overlays)
  const of = (kinds: readonly Overlay['kind'][]): readonly Overlay[] => all.filter(({ kind }) => kinds.includes(kind))
  const directories = [...of(['directory'])].sort((a, b) => a.path.length - b.path.length)
  return [...directories, ...of(['files']), ...of(['location', 'locationmatch'])].filter(
    (each) => belowOf(each, alias) !== null,
  )
}

/** Sections that hold for the whole application, not only for a part of its URLs. */
const isWhole =
  (alias: ScriptAlias) =>
  (overlay: Overlay): boolean =>
    belowOf(overlay, alias) === ''

/** What a section is about: a path below the mount, "" for everything; null: not this application. */
function belowOf({ kind, path }: Overlay, { url, isPattern, script }: ScriptAlias): string | null {
  const prefix = path.replace(/\/+$/, '')
  const whole = (holds: boolean): string | null => (holds ? '' : null)
  switch (kind) {
    case 'directory':
      return whole(script.startsWith(`${prefix}/`) || script === prefix)
    case 'files':
      return whole(script.endsWith(`/${path}`))
    case 'location': {
      if (isPattern) return whole(prefix === '')
      return isBelow(url.replace(/\/+$/, ''), prefix) ? '' : below(prefix, url.replace(/\/+$/, ''))
    }
    case 'locationmatch': {
      const wanted = shapeOf(path)
      const own = isPattern ? shapeOf(url) : `^${escapePattern(url.replace(/\/+$/, ''))}`
      const rest = [own, own.slice(1)].map((each) => (wanted.startsWith(each) ? wanted.slice(each.length) : null))
      return rest.find((each) => each !== null && /^(?:\/[\w.~-]+)*$/.test(each)) ?? null
    }
  }
}

const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`)
const below = (path: string, mount: string): string | null => (isBelow(path, mount) ? path.slice(mount.length) : null)

type Around = Readonly<{ layers: readonly Settings[]; overlays: readonly Overlay[]; where: Where }>

/** One login for an application: the first that is complete; further paths of the same one join it. */
function loginOf(alias: ScriptAlias, { layers, overlays }: Around): Options | undefined {
  const paths: string[] = []
  let chosen: Options | undefined
  for (const { settings, ...overlay } of overlays) {
    const merged = mergeLogins([...layers, settings])
    const options = settings.login === null ? undefined : loginOptions(merged)
    if (options === undefined) continue
    if (chosen !== undefined && JSON.stringify(chosen) !== JSON.stringify(options)) continue
    chosen = options
    paths.push(belowOf({ ...overlay, settings }, alias) || '/')
  }
  const whole = loginOptions(mergeLogins(layers))
  if (whole !== undefined) return whole
  return chosen && (paths.includes('/') ? chosen : { ...chosen, paths: [...new Set(paths)] })
}

function mergeLogins(layers: readonly Settings[]): Partial<Login> {
  return layers.reduce<Partial<Login>>((merged, { login }) => ({ ...merged, ...login }), {})
}

/** undefined: nobody is asked. */
function loginOptions(login: Partial<Login>): Options | undefined {
  const { type = 'basic', realm, users, groups, validUser, requiredUsers = [], requiredGroups = [] } = login
  const asks = validUser === true || requiredUsers.length > 0 || requiredGroups.length > 0
  if (!asks || realm === undefined || users === undefined) return undefined
  const required: Options = {
    ...(requiredUsers.length > 0 && { users: requiredUsers }),
    ...(requiredGroups.length > 0 && { groups: requiredGroups }),
  }
  return {
    ...(type === 'digest' && { type }),
    ...{ realm, users },
    ...(groups !== undefined && requiredGroups.length > 0 && { groups }),
    ...(validUser !== true && { require: required }),
  }
}

/** The directories of Alias that lie below this mount, and below no longer one. */
function staticOf(alias: ScriptAlias, { aliases }: Found): Record<string, string> {
  if (alias.isPattern) return {}
  const mount = alias.url.replace(/\/+$/, '')
  return Object.fromEntries(
    aliases.flatMap(({ scope, url, directory }) => {
      const path = below(url.replace(/\/+$/, ''), mount)
      const same = scope === alias.scope || scope.virtual === null
      return same && path !== null && path !== '' ? [[path, directory.replace(/(.)\/+$/, '$1')]] : []
    }),
  )
}
