// Where an application is: WSGIScriptAlias and its kin → `mount` or `match`, and `script`.
import type { ScriptAlias, Rewriting } from './collected.ts'
import type { Options } from './draft.ts'
import type { KindOf } from './expand.ts'
import { withoutSlash } from './paths.ts'
import { compile, escapePattern, MatchPattern } from './patterns.ts'

/** `environ`, `requireFile` have captures in them; `used` are the rules that they come from. */
export type Where = Readonly<{
  options: Options
  script: string
  /** null with `match`. */
  mount: string | null
  captured: ReadonlyMap<string, string>
  requireFile: string | undefined
  used: ReadonlySet<Rewriting>
}>

/** @returns why it cannot be; `rewritings` are those that hold there */
export function whereOf(
  { url, isPattern, script, extension }: ScriptAlias,
  rewritings: readonly Rewriting[],
  kindOf: KindOf,
): Where | string {
  if (isPattern) return wherePattern(url, script, rewritings)
  const nothing = { captured: new Map<string, string>(), requireFile: undefined, used: new Set<Rewriting>() }
  const mount = withoutSlash(url)
  if (script.endsWith('/') || kindOf(script) === 'directory') {
    const match = `^${escapePattern(mount)}/(?<script>[^/]+${escapePattern(extension)})`
    const scripts = `${withoutSlash(script)}/\${script}`
    return { ...nothing, options: { match, script: scripts }, script: scripts, mount: null }
  }
  return { ...nothing, options: { mount: mount === '' ? '/' : mount, script }, script, mount }
}

function wherePattern(url: string, script: string, rewritings: readonly Rewriting[]): Where | string {
  if (!url.startsWith('^/')) return 'only an expression that begins with "^/" can be a match'
  if (compile(url) === null) return 'this expression is PCRE’s, not JavaScript’s'
  const pattern = new MatchPattern(url)
  const referring = pattern.refer(script, url)
  if (referring === undefined) return 'it refers to something that the expression does not capture'
  const captured = new Map<string, string>()
  const used = new Set<Rewriting>()
  let requireFile: string | undefined
  for (const rewriting of rewritings) {
    const { variables, files } = rewriting.rewrite
    const refer = (text: string, expression: string): string | undefined =>
      pattern.isSameAs(expression) ? pattern.refer(text, expression) : undefined
    const values = variables.map(({ name, value, pattern: each }) => ({ name, value: refer(value, each) }))
    const paths = files.map(({ path, pattern: each }) => refer(path, each))
    if ([...values.map(({ value }) => value), ...paths].includes(undefined)) continue
    if (requireFile !== undefined && paths.length > 0) continue
    for (const { name, value } of values) captured.set(name, value ?? '')
    requireFile ??= paths[0]
    used.add(rewriting)
  }
  return {
    options: { match: pattern.match, script: referring },
    script: referring,
    mount: null,
    captured,
    requireFile,
    used,
  }
}
