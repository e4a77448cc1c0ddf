// YAML text → plain values, with the place of each kept. The only file that knows the `yaml` package.
// Knows no options: what the values mean is schema.ts's business.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Document, Node, Pair, Tags, YAMLError } from 'yaml'
import type { Diagnostic, Place } from './diagnostics.ts'

/** The way to a value: keys of maps and indexes of lists, from the top of the file. */
export type Path = readonly (string | number)[]

/** The place of the value at a path of options as YAML names them, for messages; where it is a default, the file that decides. */
export type PlaceOf = (path: Path) => Place

/** A file that was read. `name` is how messages write it. */
export type SourceText = Readonly<{ name: string; path: string; text: string }>

/** A YAML file as plain values whose places can still be asked for. */
export type YamlFile = Readonly<{
  name: string
  /** Absolute; relative paths inside the file resolve against its directory. */
  path: string
  value: unknown
  /** Whether the file itself says something at this path. */
  has: (path: Path) => boolean
  /** Where the key (of the last step) or the value stands; the nearest enclosing thing when there is no such path. */
  placeOf: (path: Path, part: 'key' | 'value') => Place
  /** A scalar as the file writes it, so that `env: { PORT: 0080 }` stays "0080"; undefined for anything else. */
  writtenAt: (path: Path) => string | undefined
}>

export type YamlResult =
  Readonly<{ ok: true; file: YamlFile }> | Readonly<{ ok: false; diagnostics: readonly Diagnostic[] }>

/** Parses one YAML 1.2 document. Errors and warnings of the parser are diagnostics; nothing is thrown for a bad text. */
export function parseYaml(source: SourceText): YamlResult {
  const { document, placeAt } = compose(source)
  // One mistake can make the parser say several things of the same place: the first one is the nearest to it.
  const wrong = [...document.errors, ...document.warnings].filter(
    ({ pos }, index, all) => all.findIndex((other) => other.pos[0] === pos[0]) === index,
  )
  if (wrong.length > 0) return { ok: false, diagnostics: wrong.map((error) => describe(error, source.text, placeAt)) }
  const value = plainValue(document)
  if (value instanceof Error) return { ok: false, diagnostics: [notYaml(value.message, placeAt(0))] }
  return { ok: true, file: yamlFile(source, value) }
}

type Composed = Readonly<{ document: Document; placeAt: (offset: number) => Place }>

function compose({ name, text }: SourceText): Composed {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, customTags: decimalNumbers })
  return { document, placeAt: (offset) => placeIn(name, lines, offset) }
}

// Numbers are decimal: 0o27 stays text, so that umask can take 027, 0027 and 0o27 alike, and no other option takes it by accident.
const decimalNumbers = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || !('format' in tag) || (tag.format !== 'OCT' && tag.format !== 'HEX'))

// The document is composed again when a place is asked for, which is rare: to keep those of 1,000 files costs more in garbage
// collection than everything else that `check` does with them.
function yamlFile(source: SourceText, value: unknown): YamlFile {
  let composed: Composed | undefined
  const again = (): Composed => (composed ??= compose(source))
  return {
    name: source.name,
    path: source.path,
    value,
    has: (path) => valueAt(value, path).found,
    placeOf: (path, part) => again().placeAt(offsetOf(walk(again().document, path), part)),
    writtenAt: (path) => writtenText(walk(again().document, path)),
  }
}

/** The plain value at a path. */
export function valueAt(value: unknown, path: Path): Readonly<{ found: boolean; value?: unknown }> {
  const [step, ...rest] = path
  if (step === undefined) return { found: true, value }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return { found: false }
  return valueAt(Reflect.get(value, step), rest)
}

// An alias without its anchor, or a bomb of aliases (more than 100), shows only now.
function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function describe(error: YAMLError, text: string, placeAt: (offset: number) => Place): Diagnostic {
  const place = placeAt(error.pos[0])
  if (error.code === 'MULTIPLE_DOCS')
    return notYaml('a second document begins here', place, 'make it a file of its own, or remove the line "---"')
  if (error.code !== 'DUPLICATE_KEY') return notYaml(error.message, place)
  const key = /^[^\s:]*/.exec(text.slice(error.pos[0]))?.[0] ?? ''
  return {
    ...place,
    code: 'duplicate-option',
    what: `${key} is given twice`,
    cure: 'each key may stand only once in a map; remove one of the two',
  }
}

const mindTheSyntax =
  'mind the indentation (spaces only), the space after each colon, and quotes around text with special characters'

function notYaml(message: string, place: Place, cure: string = mindTheSyntax): Diagnostic {
  const [reason = message] = message.split('\n')
  return {
    ...place,
    code: 'not-yaml',
    what: `not valid YAML: ${reason}`,
    cure,
  }
}

function placeIn(name: string, lines: LineCounter, offset: number): Place {
  // Before the first line is counted (an empty text) the counter answers 0.
  const { line, col } = lines.linePos(offset)
  return { file: name, line: Math.max(line, 1), column: Math.max(col, 1) }
}

/** How far a path could be followed: the last key and value that exist. */
type Walked = Readonly<{ complete: boolean; key: Node | null; value: Node | null }>

function walk(document: Document, path: Path): Walked {
  let walked: Walked = { complete: true, key: null, value: document.contents }
  for (const step of path) {
    const next = stepInto(followAlias(document, walked.value), step)
    if (next === undefined) return { ...walked, complete: false }
    walked = next
  }
  return walked
}

function followAlias(document: Document, node: Node | null): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node
}

function stepInto(node: Node | null, step: string | number): Walked | undefined {
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find((item) => keyText(item) === String(step))
    return pair && { complete: true, key: pair.key, value: pair.value }
  }
  if (!isSeq<Node>(node)) return undefined
  const item = node.items[Number(step)]
  return item && { complete: true, key: item, value: item }
}

// As Document.toJS names the property: a key without text is "".
function keyText({ key }: Pair<Node, Node | null>): string {
  return isScalar<string | number | boolean | null>(key) ? String(key.value ?? '') : String(key)
}

function offsetOf({ key, value, complete }: Walked, part: 'key' | 'value'): number {
  const [first, second] = part === 'key' || !complete ? [key, value] : [value, key]
  return first?.range?.[0] ?? second?.range?.[0] ?? 0
}

function writtenText({ value, complete }: Walked): string | undefined {
  if (!complete || !isScalar(value)) return undefined
  return value.source
}
