// Text of an Apache configuration → directives and sections with their places. Knows the syntax, no directive by name.
// https://httpd.apache.org/docs/2.4/configuring.html#syntax

/** Where something stands; lines count from 1, a continued directive stands where it begins. */
export type Place = Readonly<{ file: string; line: number }>

/** `args` are the words of `rest`; `text` is the line as it stands, continuations joined. */
type Line = Readonly<{ place: Place; name: string; args: readonly string[]; rest: string; text: string }>
export type Directive = Line & Readonly<{ kind: 'directive' }>
/** `<Name args> … </Name>` */
export type Section = Line & Readonly<{ kind: 'section'; children: readonly Node[] }>
export type Node = Directive | Section

/** What Apache would not start with: a section that is not closed, an Include of nothing, one name for two things. */
export type Fault = Readonly<{ place: Place; what: string }>

/** Names of directives and sections are in lower case. */
export function parseApache(
  file: string,
  text: string,
): Readonly<{ nodes: readonly Node[]; faults: readonly Fault[] }> {
  const faults: Fault[] = []
  const top: Node[] = []
  const open: { section: Section; children: Node[] }[] = []
  for (const { line, text: written } of logicalLines(text)) {
    const place = { file, line }
    const [, closed] = /^<\/\s*(\S+?)\s*>$/.exec(written) ?? []
    const [, opened, inside = ''] = /^<\s*([^\s>/]+)\s*(.*?)\s*>$/.exec(written) ?? []
    if (closed !== undefined) {
      if (open.at(-1)?.section.name === closed.toLowerCase()) open.pop()
      else faults.push({ place, what: `${written} closes no section` })
      continue
    }
    if (opened === undefined && written.startsWith('<')) faults.push({ place, what: `${written} lacks its ">"` })
    const node = opened === undefined ? directiveOf(place, written) : sectionOf(place, opened, inside, written)
    ;(open.at(-1)?.children ?? top).push(node)
    if (node.kind === 'section') open.push({ section: node, children: node.children })
  }
  for (const { section } of open) faults.push({ place: section.place, what: `${section.text} is not closed` })
  return { nodes: top, faults }
}

function directiveOf(place: Place, text: string): Directive {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? []
  return { kind: 'directive', place, name: name.toLowerCase(), args: splitArguments(rest), rest, text }
}

function sectionOf(place: Place, name: string, rest: string, text: string): Section & { children: Node[] } {
  return { kind: 'section', place, name: name.toLowerCase(), args: splitArguments(rest), rest, text, children: [] }
}

type LogicalLine = Readonly<{ line: number; text: string }>

/** Without empty lines and comments; a backslash at the end of a line goes on with the next, also of a comment. */
function* logicalLines(text: string): Generator<LogicalLine> {
  let begun: { line: number; text: string } | undefined
  const physicalLines = text.split(/\r?\n/)
  for (const [index, physical] of physicalLines.entries()) {
    begun = { line: begun?.line ?? index + 1, text: (begun?.text ?? '') + physical }
    if (physical.endsWith('\\') && index < physicalLines.length - 1) {
      begun.text = begun.text.slice(0, -1)
      continue
    }
    const whole = begun.text.trim()
    if (whole !== '' && !whole.startsWith('#')) yield { line: begun.line, text: whole }
    begun = undefined
  }
}

/**
 * Words; quotes of either kind keep blanks together, and a backslash stands before such a quote or itself (ap_getword_conf).
 * A quote that is not closed goes on to the end.
 */
export function splitArguments(text: string): readonly string[] {
  const words: string[] = []
  for (let rest = text.trim(); rest !== '';) {
    const [word, after] = takeWord(rest)
    words.push(word)
    rest = after
  }
  return words
}

/** `name=value` each, the value perhaps in quotes, as mod_wsgi reads its own directives (wsgi_parse_option). */
export type Options = ReadonlyMap<string, string>

/** @returns the first `count` words, the options behind them, and the first word that is no option, if there is one */
export function readOptions(
  text: string,
  count: number,
): Readonly<{ words: readonly string[]; options: Options; wrong: string | undefined }> {
  const words: string[] = []
  const options = new Map<string, string>()
  let rest = text.trim()
  while (rest !== '') {
    if (words.length < count) {
      const [word, after] = takeWord(rest)
      words.push(word)
      rest = after
      continue
    }
    const [begun, name] = /^([^\s=]+)=/.exec(rest) ?? []
    if (begun === undefined || name === undefined) return { words, options, wrong: takeWord(rest)[0] }
    const [value, after] = takeWord(rest.slice(begun.length))
    options.set(name, value)
    rest = after
  }
  return { words, options, wrong: undefined }
}

/** @returns the first word of a text without blanks at its beginning, and what follows it */
function takeWord(text: string): readonly [word: string, after: string] {
  const [whole = '', double, single] = /^"((?:\\.|[^"\\])*)"?|^'((?:\\.|[^'\\])*)'?|^\S*/s.exec(text) ?? []
  const word = double?.replaceAll(/\\(["\\])/g, '$1') ?? single?.replaceAll(/\\(['\\])/g, '$1')
  return [word ?? whole.replaceAll('\\\\', '\\'), text.slice(whole.length).trimStart()]
}
