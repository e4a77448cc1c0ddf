// Regular expressions of several directives that are about the same URLs: where they are one, the captures of all of them become named captures
// of one `match`. Knows no directive.

/** `start` and `end` count items; `isBare`: its parentheses are no items. */
type Capture = Readonly<{ number: number; start: number; end: number; isBare: boolean }>
type Pattern = Readonly<{ items: readonly string[]; captures: readonly Capture[] }>

const tokens = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]))?|\)[?*+{]?|[^]/g

/** Parentheses that only capture are left out of the items: two expressions that differ in nothing else match the same. */
export function readPattern(pattern: string): Pattern {
  const items: string[] = []
  const captures: Capture[] = []
  const open: { number: number | null; start: number; alternatives: boolean }[] = []
  let count = 0
  for (const [token] of pattern.matchAll(tokens)) {
    const top = open.at(-1)
    if (token.startsWith('(')) {
      open.push({ number: token === '(' ? (count += 1) : null, start: items.length, alternatives: false })
      items.push(token)
    } else if (token.startsWith(')') && top !== undefined) {
      open.pop()
      const isBare = top.number !== null && token === ')' && !top.alternatives
      if (isBare) items.splice(top.start, 1)
      else items.push(')')
      if (isBare) for (const [index, each] of captures.entries()) captures[index] = movedBack(each, top.start)
      if (token.length > 1) items.push(token.slice(1))
      const end = isBare ? items.length : items.length - token.length + 1
      if (top.number !== null) captures.push({ number: top.number, start: top.start, end, isBare })
    } else {
      if (token === '|' && top !== undefined) top.alternatives = true
      items.push(token)
    }
  }
  return { items, captures }
}

function movedBack(capture: Capture, from: number): Capture {
  return capture.start < from ? capture : { ...capture, start: capture.start - 1, end: capture.end - 1 }
}

/** The expression without parentheses that only capture. */
export const plainPattern = (pattern: string): string => readPattern(pattern).items.join('')

/** What may stand at the end of one expression and not of the other, since it takes part in no match that counts. */
const anyRest = /^(?:\/\??|\/?\??\.\*\$?|\(\/\.\*\)\?\$?|\((?:\?:)?\/\|\$\))?$/

/** How many items of `longer` are `shorter`; undefined when it begins with something else, or goes on with something that counts. */
function isContinued(longer: Pattern, shorter: Pattern): boolean {
  const begins = shorter.items.every((item, index) => longer.items[index] === item)
  return begins && anyRest.test(longer.items.slice(shorter.items.length).join(''))
}

/** The `match` that an expression becomes, and the names of its captures. */
export class MatchPattern {
  readonly #pattern: Pattern
  readonly #named: Capture[] = []

  /** @param pattern of the directive that says where the application is */
  constructor(pattern: string) {
    this.#pattern = readPattern(pattern)
  }

  /** Whether another expression matches the same URLs. */
  isSameAs(other: string): boolean {
    const read = readPattern(other)
    return isContinued(read, this.#pattern) || isContinued(this.#pattern, read)
  }

  /**
   * A text with references to captures ("$1", "%1") of an expression that is the same.
   *
   * @returns the text with "${p1}" and so on; undefined when there is no such capture
   */
  refer(text: string, expression: string): string | undefined {
    const { captures } = readPattern(expression)
    const literal = text.replaceAll('${', '$$${')
    const names = Array.from(literal.matchAll(/[$%](\d)/g), ([, digit]) => {
      const capture = captures.find(({ number }) => number === Number(digit))
      return capture === undefined ? undefined : this.#name(capture)
    })
    if (names.includes(undefined)) return undefined
    return literal.replaceAll(/[$%]\d/g, () => `\${${names.shift() ?? ''}}`)
  }

  /** The expression, with those captures that something refers to. */
  get match(): string {
    const items = [...this.#pattern.items]
    // The innermost first: they stand next to the items.
    const byLength = [...this.#named.entries()].sort(([, a], [, b]) => a.end - a.start - (b.end - b.start))
    for (const [index, { start, end, isBare }] of byLength) {
      const opening = `(?<${nameOf(index)}>`
      items[start] = isBare ? opening + (items[start] ?? '') : opening + (items[start] ?? '').slice(1)
      if (isBare) items[end - 1] = `${items[end - 1] ?? ''})`
    }
    return items.join('')
  }

  #name(capture: Capture): string | undefined {
    const { start, end, isBare } = capture
    if (end > this.#pattern.items.length) return undefined
    const known = this.#named.findIndex((each) => each.start === start && each.end === end && each.isBare === isBare)
    if (known !== -1) return nameOf(known)
    const crosses = this.#named.some(
      (each) => each.start < end && start < each.end && !isInside(each, capture) && !isInside(capture, each),
    )
    return crosses ? undefined : nameOf(this.#named.push(capture) - 1)
  }
}

const nameOf = (index: number): string => `p${index + 1}`
const isInside = (inner: Capture, outer: Capture): boolean => outer.start <= inner.start && inner.end <= outer.end

/** Text as an expression that matches it. */
export const escapePattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The text that every match begins with; "" when there is none, or the expression may match anywhere. */
export function literalBeginning(pattern: string): string {
  const { items } = readPattern(pattern)
  if (items[0] !== '^' || hasAlternatives(items)) return ''
  const end = items.findIndex((item, index) => index > 0 && (!isLiteral(item) || /^[?*{]/.test(items[index + 1] ?? '')))
  return items
    .slice(1, end === -1 ? undefined : end)
    .map((item) => item.replace(/^\\/, ''))
    .join('')
}

/** Alternatives of the whole: those of a part stand between parentheses. */
function hasAlternatives(items: readonly string[]): boolean {
  let depth = 0
  return items.some((item) => {
    if (item.startsWith('(')) depth += 1
    if (item.startsWith(')')) depth -= 1
    return item === '|' && depth === 0
  })
}

const isLiteral = (item: string): boolean => /^(?:\\[^A-Za-z0-9]|[^\\.*+?^${}()|[\]])$/.test(item)

/** An expression from a shell pattern, in which no character stands for a slash. */
export const globPattern = (glob: string): string =>
  glob.replaceAll(/\[[^\]]+\]|[^]/g, (token) => {
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    return token.length > 1 ? token.replace(/^\[!/, '[^') : escapePattern(token)
  })

/** As RegExp does, null for what only PCRE understands. */
export function compile(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern)
  } catch {
    return null
  }
}
