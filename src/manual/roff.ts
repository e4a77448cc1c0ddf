// Text in the language of manual pages, man(7): escaping, and what a page is made of. Pure; knows nothing of what a page says.

/** A name, what it means, with `code` in backquotes, and what it may look like. */
export type Term = Readonly<{ term: string; text: string; example?: string }>

export type PageTitle = Readonly<{ name: string; section: number; version: string; manual: string }>

/** The first line of a page. It has no date: the version tells more, and the same sources give the same page. */
export const title = ({ name, section, version, manual }: PageTitle): string =>
  `.TH ${[name.toUpperCase(), String(section), '', `wsgid ${version}`, manual].map(quoted).join(' ')}\n${unbroken}`

/** Neither hyphens nor wide gaps in what may be copied. */
const unbroken = '.nh\n.ad l\n'

export const heading = (text: string): string => `.SH ${quoted(text.toUpperCase())}\n`
export const subheading = (text: string): string => `.SS ${quoted(text)}\n`
export const paragraph = (text: string): string => `.PP\n${line(text)}`

/** Lines as they are, indented. */
export const preformatted = (text: string): string =>
  `.PP\n.RS 4\n.nf\n${text
    .split('\n')
    .map((each) => `${guarded(literal(each))}\n`)
    .join('')}.fi\n.RE\n`

/** A name, and indented below it the text. */
export const definition = ({ term, text, example }: Term): string =>
  `.TP\n\\fB${literal(term)}\\fR\n${line(text)}${example === undefined ? '' : `.br\n${line(`Example: \`${example}\``)}`}`

/** A list with a dot in front of each entry. */
export const bullet = (text: string): string => `.IP \\(bu 3\n${line(text)}`

/** Text with `code` in backquotes, which is printed bold, as one line of source. */
function line(text: string): string {
  const parts = text.split('`').map((part, index) => (index % 2 === 1 ? `\\fB${literal(part)}\\fR` : literal(part)))
  return `${guarded(parts.join(''))}\n`
}

/** An argument of a request: quotes inside are written as a character of their own. */
const quoted = (text: string): string => `"${literal(text).replaceAll('"', '\\(dq')}"`

/** A line that begins with a dot would be a request. */
const guarded = (source: string): string => (source.startsWith('.') ? `\\&${source}` : source)

const special = new Map([
  ['\\', '\\e'],
  // Else it may be printed as a hyphen, which no shell takes.
  ['-', '\\-'],
  ["'", '\\(aq'],
  ['`', '\\(ga'],
  ['^', '\\(ha'],
  ['~', '\\(ti'],
])

/** Text as it shall be read, whatever roff makes of its characters. */
function literal(text: string): string {
  return text.replace(/[\\'`^~-]|[^\u0000-\u007f]/gu, (character) => special.get(character) ?? named(character))
}

const named = (character: string): string =>
  `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`
