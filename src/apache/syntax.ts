// Text of an Apache configuration → directives and sections with their places. Knows the syntax, no directive by name.
// https://httpd.apache.org/docs/2.4/configuring.html#syntax

/** Where something stands; lines count from 1, a continued directive stands where it begins. */
export type Place = Readonly<{ file: string; line: number }>

export type Directive = Readonly<{
  kind: 'directive'
  place: Place
  name: string
  args: readonly string[]
  text: string
}>
/** `<Name args> … </Name>` */
export type Section = Readonly<{
  kind: 'section'
  place: Place
  name: string
  args: readonly string[]
  text: string
  children: readonly Node[]
}>
export type Node = Directive | Section

/** What cannot be read: a section that is not closed, or closed twice. */
export type Fault = Readonly<{ place: Place; what: string }>

/** Names of directives and sections are in lower case; `text` is the line as it stands, continuations joined. */
export function parseApache(
  file: string,
  text: string,
): Readonly<{ nodes: readonly Node[]; faults: readonly Fault[] }> {
  const faults: Fault[] = []
  const top: Node[] = []
  const open: { section: Section; children: Node[] }[] = []
  const into = (): Node[] => open.at(-1)?.children ?? top
  for (const { line, text: written } of logicalLines(text)) {
    const place = { file, line }
    const closing = /^<\/\s*(\S+?)\s*>$/.exec(written)
    const opening = /^<\s*([^\s>/]+)\s*(.*?)>$/.exec(written)
    if (closing) {
      const ended = open.at(-1)
      if (ended?.section.name !== closing[1]?.toLowerCase())
        faults.push({ place, what: `${written} closes no section` })
      else open.pop()
    } else if (opening) {
      const [, name = '', rest = ''] = opening
      const children: Node[] = []
      const args = splitArguments(rest)
      const section: Section = { kind: 'section', place, name: name.toLowerCase(), args, text: written, children }
      into().push(section)
      open.push({ section, children })
    } else {
      const [name = '', ...args] = splitArguments(written)
      into().push({ kind: 'directive', place, name: name.toLowerCase(), args, text: written })
    }
  }
  for (const { section } of open) faults.push({ place: section.place, what: `${section.text} is not closed` })
  return { nodes: top, faults }
}

type Line = Readonly<{ line: number; text: string }>

/** Without empty lines and comments; a backslash at the end of a line goes on with the next, also of a comment. */
function* logicalLines(text: string): Generator<Line> {
  let begun: { line: number; text: string } | undefined
  for (const [index, physical] of text.split(/\r?\n/).entries()) {
    begun = { line: begun?.line ?? index + 1, text: (begun?.text ?? '') + physical }
    if (physical.endsWith('\\')) {
      begun.text = begun.text.slice(0, -1)
      continue
    }
    const whole = begun.text.trim()
    if (whole !== '' && !whole.startsWith('#')) yield { line: begun.line, text: whole }
    begun = undefined
  }
  const rest = begun?.text.trim() ?? ''
  if (begun && rest !== '' && !rest.startsWith('#')) yield { line: begun.line, text: rest }
}

/** Words; quotes of either kind keep blanks together, and a backslash in them stands before a quote or itself (ap_getword_conf). */
export function splitArguments(text: string): readonly string[] {
  const words = text.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+)/gs)
  return Array.from(
    words,
    ([, double, single, plain]) => plain ?? (double ?? single ?? '').replaceAll(/\\(["'\\])/g, '$1'),
  )
}
