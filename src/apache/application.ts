// One WSGIScriptAlias with everything that holds for it → an application of a group file.
import type { Alias, Collected, Overlay, Rewriting, ScriptAlias, Scope, Settings } from './collected.ts'
import type { DraftApplication, Options, Remark } from './draft.ts'
import type { KindOf } from './expand.ts'
import { accessOf } from './login.ts'
import { withoutSlash } from './paths.ts'
import { compile } from './patterns.ts'
import { sectionsOf, type Holding, type Subject } from './sections.ts'
import { staticDirectories } from './static-directories.ts'
import { whereOf } from './where.ts'

/** Where an application goes, and what is not known before all are there. */
export type Placed = Readonly<{
  alias: ScriptAlias
  application: DraftApplication
  /** With captures in it. */
  script: string
  /** mod_wsgi's name of the group, "%{GLOBAL}" for none; null: the URL chooses. */
  processGroup: string | null
  /** As written. */
  applicationGroup: string
  /** Of the group, but known here. */
  scriptReloading: Settings['scriptReloading']
  requestBody: Settings['requestBody']
  used: Used
}>

/** What it has taken in of the configuration. */
type Used = Readonly<{
  rewritings: ReadonlySet<Rewriting>
  overlays: ReadonlySet<Overlay>
  aliases: ReadonlySet<Alias>
}>

export type Unplaced = Readonly<{ alias: ScriptAlias; why: string; overlays: ReadonlySet<Overlay> }>

/** @param kindOf what a path is on this machine */
export function placeApplication(alias: ScriptAlias, found: Collected, kindOf: KindOf): Placed | Unplaced {
  const holdings = sectionsOf(subjectOf(alias), found.overlays).filter(
    ({ below }) => below === '' || !isTaken(alias, below, found.scripts),
  )
  const overlays = new Set(holdings.map(({ overlay }) => overlay))
  const layers = [
    ...serverLayers(alias.scope, found),
    ...holdings.filter(({ below }) => below === '').map(({ overlay }) => overlay.settings),
  ]
  const unplaced = (why: string): Unplaced => ({ alias, why, overlays })
  const where = whereOf(alias, rewritingsOf(alias.scope, layers), kindOf)
  if (typeof where === 'string') return unplaced(where)
  const variables = { ...literalEnviron(layers), ...Object.fromEntries(where.captured) }
  const chosen = groupOf(alias.options.get('process-group') ?? last(layers, 'processGroup'), variables)
  if (typeof chosen === 'string') return unplaced(chosen)
  const isByUrl = chosen.variable !== null && where.captured.has(chosen.variable)
  const files = where.mount === null ? nothingStatic : staticDirectories(alias, where.mount, found, kindOf)
  const { served, refused } = files
  const access = accessOf(holdings, served)
  if (access.isClosed) return unplaced('Require all denied holds for it: nobody may reach it')
  const restricted = last(layers, 'restrictProcess')
  const callable = alias.options.get('callable-object') ?? last(layers, 'callable')
  const options: Options = {
    ...where.options,
    ...(callable !== undefined && { callable }),
    ...(isByUrl && { 'process-group': chosen.name }),
    ...(isByUrl && restricted !== undefined && { 'restrict-process': restricted }),
    ...(where.requireFile !== undefined && { 'require-file': where.requireFile }),
    ...(Object.keys(variables).length > 0 && { environ: variables }),
    ...(access.auth !== undefined && { auth: access.auth }),
    ...(served.length > 0 && { static: Object.fromEntries(served.map(({ path, directory }) => [path, directory])) }),
  }
  return {
    alias,
    script: where.script,
    application: {
      place: alias.directive.place,
      options,
      remarks: [...access.remarks, ...partialRemarks(holdings), ...files.remarks],
    },
    processGroup: isByUrl ? null : chosen.name,
    applicationGroup: alias.options.get('application-group') ?? last(layers, 'applicationGroup') ?? '%{RESOURCE}',
    scriptReloading: last(layers, 'scriptReloading'),
    requestBody: last(layers, 'requestBody'),
    used: { rewritings: where.used, overlays, aliases: new Set([...served.map((each) => each.alias), ...refused]) },
  }
}

/** Whether what is below a mount belongs to another application, mounted deeper. */
function isTaken({ scope, url }: ScriptAlias, below: string, all: readonly ScriptAlias[]): boolean {
  const path = `${withoutSlash(url)}${below}`
  return all.some((other) => {
    if (other.url.length <= url.length || (other.scope !== scope && other.scope.virtual !== null)) return false
    return other.isPattern
      ? compile(other.url)?.test(path) === true
      : `${path}/`.startsWith(`${withoutSlash(other.url)}/`)
  })
}

const nothingStatic = { served: [], refused: [], remarks: [] } as const

/** What its sections are asked about. */
export const subjectOf = (alias: ScriptAlias): Subject => ({ ...alias, file: fileOf(alias) })

/** A script; in a directory of scripts, one of them. */
const fileOf = ({ script, extension }: ScriptAlias): string =>
  script.endsWith('/') || extension !== '' ? `${withoutSlash(script)}/script${extension}` : script

/** Main server first. */
function serverLayers(scope: Scope, { scopes: [main] }: Collected): readonly Settings[] {
  return main === undefined || main === scope ? [scope.settings] : [main.settings, scope.settings]
}

/** Rules of the main server hold in no virtual host; SetEnvIf does. */
function rewritingsOf({ virtual }: Scope, [main, ...inner]: readonly Settings[]): readonly Rewriting[] {
  const outer = main?.rewrites.filter(({ directive }) => virtual === null || directive.name === 'setenvif') ?? []
  return [...outer, ...inner.flatMap(({ rewrites }) => rewrites)]
}

function last<
  Key extends 'processGroup' | 'applicationGroup' | 'callable' | 'restrictProcess' | 'scriptReloading' | 'requestBody',
>(layers: readonly Settings[], key: Key): Settings[Key] | undefined {
  return layers.findLast((each) => each[key] !== undefined)?.[key]
}

/** SetEnv; what looks like a capture is meant as it stands. */
function literalEnviron(layers: readonly Settings[]): Record<string, string> {
  const all = new Map(layers.flatMap(({ environ }) => [...environ]))
  return Object.fromEntries(
    [...all].flatMap(([name, text]) => (text === null ? [] : [[name, text.replaceAll('${', '$$${')]])),
  )
}

/** `variable`: of %{ENV:…}; or why there is no group. */
function groupOf(
  written = '%{GLOBAL}',
  variables: Readonly<Record<string, string>>,
): Readonly<{ name: string; variable: string | null }> | string {
  const [, variable] = /^%\{ENV:(.+)\}$/.exec(written) ?? []
  if (variable !== undefined) {
    const name = variables[variable]
    return name === undefined ? `nothing sets ${variable}, which is to name the process group` : { name, variable }
  }
  if (/^%\{(?!GLOBAL\})/.test(written)) return `a process group ${written} does not exist`
  return { name: written, variable: null }
}

/** Lines of sections about a part of the application, that only the whole of it could have. */
function partialRemarks(holdings: readonly Holding[]): readonly Remark[] {
  const why = 'for a part of an application there is only a login'
  return holdings
    .filter(({ below }) => below !== '')
    .flatMap(({ overlay }) => overlay.settings.lines.map((line) => ({ ...line, why })))
}
