// The text of an `env-file` → variables. Strict: util.parseEnv and dotenv pass over what they do not understand, or make names of it.
// Its values are secrets: no message shows one.

export type EnvFileResult =
  | Readonly<{ ok: true; variables: Readonly<Record<string, string>> }>
  /** The lines, from 1, that are no assignments. */
  | Readonly<{ ok: false; lines: readonly number[] }>

/**
 * Reads `NAME=VALUE` a line; blank lines and lines with "#" first are passed over, `export ` in front of a name too.
 *
 * A value ends at the end of the line, or at " #"; spaces around it do not count. In single quotes it is taken as it is, in double quotes
 * `\n`, `\"`, `\\` and `\$` stand for a line end and the characters themselves; quoted values may have several lines. Nothing is substituted.
 * The last of several values of a name holds.
 */
export function parseEnvFile(text: string): EnvFileResult {
  const variables = new Map<string, string>()
  const wrong: number[] = []
  const rest = new Scanner(text.replaceAll('\r\n', '\n'))
  for (let line = rest.line; !rest.atEnd; line = rest.line) {
    if (rest.take(blank)) continue
    const [, name, quoted, literal, bare] = rest.take(assignment) ?? []
    const value = valueOf(quoted, literal, bare)
    if (name !== undefined && value !== undefined && !value.includes('\0')) variables.set(name, value)
    else wrong.push(line)
    if (name === undefined) rest.take(anyLine)
  }
  return wrong.length > 0 ? { ok: false, lines: wrong } : { ok: true, variables: Object.fromEntries(variables) }
}

const blank = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y
const anyLine = /[^\n]*(?:\n|$)/y
const assignment =
  /[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\[^])*)"[ \t]*(?:#[^\n]*)?|'([^']*)'[ \t]*(?:#[^\n]*)?|((?![ \t"'])[^\n]*))(?:\n|$)/y

function valueOf(quoted?: string, literal?: string, bare?: string): string | undefined {
  if (quoted !== undefined)
    return quoted.replace(/\\(["\\$n])/g, (_, escaped) => (escaped === 'n' ? '\n' : String(escaped)))
  return literal ?? bare?.replace(/(?:^|[ \t])#.*$/, '').trimEnd()
}

class Scanner {
  readonly #text: string
  #at = 0
  /** Where it stands, from 1. */
  line = 1

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** What the pattern matches here, and goes on behind it; undefined when it does not. */
  take(pattern: RegExp): readonly (string | undefined)[] | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.#at = pattern.lastIndex
    this.line += match[0].split('\n').length - 1
    return match
  }
}
