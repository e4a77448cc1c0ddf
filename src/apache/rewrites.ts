// RewriteRule, RewriteCond and SetEnvIf of the shapes that choose a process group, set a variable or forbid by the captures of a URL, and of those
// that send clients to https. Other shapes are not understood.
import type { Directive } from './syntax.ts'

/** A variable whose value has captures of `pattern` in it, as "$1" or "%1". */
export type CapturedVariable = Readonly<{ pattern: string; name: string; value: string }>
/** A file without which a URL that matches `pattern` is forbidden. */
export type CapturedFile = Readonly<{ pattern: string; path: string }>

export type Rewrite = Readonly<{
  kind: 'captures'
  variables: readonly CapturedVariable[]
  files: readonly CapturedFile[]
}>
type ToHttps = Readonly<{ kind: 'https'; isPermanent: boolean }>

/** A pattern that every path matches. */
const anything = /^(?:\^?\(?\.\*?\)?\$?|\^|\^?\/?\(\.\*\)\$?)$/

/**
 * Reads a RewriteRule with the conditions before it.
 *
 * @returns undefined when it does something else than these: `- [E=name:value]`, `- [F]` where a file is missing, and the same URL by https
 */
export function readRewriteRule(rule: Directive, conditions: readonly Directive[]): Rewrite | ToHttps | undefined {
  const [pattern = '', substitution, written = ''] = rule.args
  const flags = written.replace(/^\[|\]$/g, '').split(/\s*,\s*/)
  if (substitution !== '-') return readToHttps(rule, flags, conditions)
  const read = readConditions(conditions)
  if (read === undefined) return undefined
  const source = anything.test(pattern) ? read.pattern : pattern
  if (source === undefined || (!anything.test(pattern) && read.pattern !== undefined)) return undefined
  const variables: CapturedVariable[] = []
  let isForbidden = false
  for (const flag of flags) {
    const [, name, value] = /^(?:E|env)=([^:!]+):(.*)$/i.exec(flag) ?? []
    if (name !== undefined && value !== undefined) variables.push({ pattern: source, name, value })
    else if (/^(?:F|forbidden)$/i.test(flag)) isForbidden = true
    else if (!/^(?:L|last|PT|passthrough|)$/i.test(flag)) return undefined
  }
  const { missing } = read
  if (isForbidden !== (missing !== undefined) || (isForbidden && variables.length > 0)) return undefined
  return { kind: 'captures', variables, files: missing === undefined ? [] : [{ pattern: source, path: missing }] }
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

/** `RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R]`, with the conditions that it usually has. */
function readToHttps(
  { args: [pattern = '', target = ''] }: Directive,
  flags: readonly string[],
  conditions: readonly Directive[],
): ToHttps | undefined {
  const redirects = flags.find((flag) => /^(?:R|redirect)(?:=.*)?$/i.test(flag))
  const isSame = /^https:\/\/%\{(?:HTTP_HOST|SERVER_NAME)\}(?:%\{REQUEST_URI\}|\/?\$1)$/i.test(target)
  const isAlways = conditions.every(({ args: [tested = ''] }) =>
    /^%\{(?:HTTPS|SERVER_NAME|SERVER_PORT)\}$/i.test(tested),
  )
  if (redirects === undefined || !isSame || !isAlways || !anything.test(pattern)) return undefined
  return { kind: 'https', isPermanent: /=(?:301|308|permanent)$/i.test(redirects) }
}

/** `SetEnvIf Request_URI pattern name=value`; undefined for other shapes. */
export function readSetEnvIf({ args }: Directive): Rewrite | undefined {
  const [attribute = '', pattern = '', ...settings] = args
  if (attribute.toLowerCase() !== 'request_uri') return undefined
  const variables = settings.map((setting) => {
    const [, name = '', value = '1'] = /^([^=!]+)(?:=(.*))?$/.exec(setting) ?? []
    return { pattern, name, value }
  })
  return variables.some(({ name }) => name === '') ? undefined : { kind: 'captures', variables, files: [] }
}
