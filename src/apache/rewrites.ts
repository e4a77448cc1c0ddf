// RewriteRule, RewriteCond and SetEnvIf of the shapes that choose a process group, set a variable or forbid by the captures of a URL.
// Other shapes are not understood.
import type { Directive } from './syntax.ts'

/** A variable whose value has captures of `pattern` in it, as "$1". */
export type CapturedVariable = Readonly<{ pattern: string; name: string; value: string }>
/** A file without which a URL that matches `pattern` is forbidden. */
export type CapturedFile = Readonly<{ pattern: string; path: string }>

export type Rewrite = Readonly<{ variables: readonly CapturedVariable[]; files: readonly CapturedFile[] }>

/** A pattern that every path matches. */
const anything = /^(?:\^?\.\*?\$?|\^)$/

/**
 * Reads a RewriteRule with the conditions before it.
 *
 * @returns undefined when it does something else than these: `- [E=name:value]` and `- [F]` where a file is missing
 */
export function readRewriteRule(rule: Directive, conditions: readonly Directive[]): Rewrite | undefined {
  const [pattern = '', substitution, flags = ''] = rule.args
  const read = readConditions(conditions)
  if (substitution !== '-' || read === undefined) return undefined
  const source = anything.test(pattern) ? read.pattern : pattern
  if (source === undefined || (!anything.test(pattern) && read.pattern !== undefined)) return undefined
  // "%1" is of the condition, "$1" of the rule; here both have the same pattern.
  const numbered = (text: string): string => text.replaceAll(/%(\d)/g, '$$$1')
  const wanted = flags.replace(/^\[|\]$/g, '').split(',')
  const variables: CapturedVariable[] = []
  let isForbidden = false
  for (const flag of wanted) {
    const [, name, value] = /^(?:E|env)=([^:!]+):(.*)$/i.exec(flag) ?? []
    if (name !== undefined && value !== undefined) variables.push({ pattern: source, name, value: numbered(value) })
    else if (/^(?:F|forbidden)$/i.test(flag)) isForbidden = true
    else if (!/^(?:L|last|PT|passthrough|)$/i.test(flag)) return undefined
  }
  const { missing } = read
  if (isForbidden !== (missing !== undefined) || (isForbidden && variables.length > 0)) return undefined
  return { variables, files: missing === undefined ? [] : [{ pattern: source, path: numbered(missing) }] }
}

type Conditions = Readonly<{ pattern: string | undefined; missing: string | undefined }>

function readConditions(conditions: readonly Directive[]): Conditions | undefined {
  let read: Conditions = { pattern: undefined, missing: undefined }
  for (const { args } of conditions) {
    const [tested = '', test = '', flags] = args
    if (flags !== undefined) return undefined
    if (/^%\{REQUEST_URI\}$/i.test(tested) && read.pattern === undefined && !/^[!=<>-]/.test(test))
      read = { ...read, pattern: test }
    else if (test === '!-f' && read.missing === undefined && !tested.includes('%{')) read = { ...read, missing: tested }
    else return undefined
  }
  return read
}

/** `SetEnvIf Request_URI pattern name=value`; undefined for other shapes. */
export function readSetEnvIf({ args }: Directive): Rewrite | undefined {
  const [attribute = '', pattern = '', ...settings] = args
  if (attribute.toLowerCase() !== 'request_uri') return undefined
  const variables = settings.map((setting) => {
    const [, name = '', value = '1'] = /^([^=!]+)(?:=(.*))?$/.exec(setting) ?? []
    return { pattern, name, value }
  })
  return variables.some(({ name }) => name === '') ? undefined : { variables, files: [] }
}

/** The pattern without its groups' parentheses: two that match the same are the same then. */
export function shapeOf(pattern: string): string {
  return pattern
    .replaceAll(/(\\.)|\((?!\?)|\)/g, (_, escaped?: string) => escaped ?? '')
    .replace(/(?:\/?\??\.\*|\/\?|\$)+$/, '')
}

/** Names the numbered groups of a pattern: `(` becomes `(?<p1>`. */
export function nameGroups(pattern: string): string {
  let number = 0
  return pattern.replaceAll(/(\\.|\[\^?\]?[^\]]*\])|\((?!\?)/g, (_, other?: string) => other ?? `(?<p${(number += 1)}>`)
}

/** "$1" → "${p1}", "$$" aside; literal "${" is kept from being taken for a capture. */
export const nameReferences = (text: string): string =>
  text.replaceAll('${', '$$${').replaceAll(/\$(\d)/g, (_, number: string) => `\${p${number}}`)
