// What is wrong with a configuration, as values, and how a report of them reads.
// Knows neither YAML nor the options.
import { relative, isAbsolute } from 'node:path'

/** Where something stands. `file` is written as messages show it; line and column count from 1, null for the whole file. */
export type Place = Readonly<{
  file: string
  line: number | null
  column: number | null
  /** Of a file with `for-each`, the directory for which the text is wrong. */
  instance?: string
}>

/** One thing that is wrong: where, what, and what to do about it. `code` names the kind for programs and never changes. */
export type Diagnostic = Place & Readonly<{ code: DiagnosticCode; what: string; cure: string }>

export type DiagnosticCode =
  | 'cannot-read'
  | 'not-yaml'
  | 'duplicate-option'
  | 'unknown-option'
  | 'missing-option'
  | 'invalid-value'
  | 'no-groups'
  | 'duplicate-name'
  | 'duplicate-route'
  | 'duplicate-listener'
  | 'duplicate-log'
  | 'unknown-account'
  | 'root-refused'
  | 'not-permitted'
  | 'shared-identity'
  | 'unsafe-path'
  | 'unusable-path'
  | 'path-too-long'
  | 'unusable-directory'
  | 'unusable-certificate'
  | 'certificate-date'

/** A problem of a file as a whole. */
export const wholeFile = (file: string): Place => ({ file, line: null, column: null })

/** `groups.d/a.yaml:3:1`, `groups.d/a.yaml:3:1 (instance b)`, or only the file for a problem of the whole file. */
export function renderPlace({ file, line, column, instance }: Place): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`
  return instance === undefined ? place : `${place} (instance ${instance})`
}

/**
 * The report of an invalid configuration, all of it at once, sorted by file and line; no newline at the end.
 *
 * @param diagnostics at least one
 */
export function renderReport(diagnostics: readonly Diagnostic[]): string {
  const sorted = sortDiagnostics(diagnostics)
  return [headerOf(sorted), ...entriesOf(sorted).map((entry) => `  ${entry}`)].join('\n\n')
}

/**
 * What was left out of a valid configuration, and why; no newline at the end.
 *
 * @param warnings at least one
 */
export function renderWarnings(warnings: readonly Diagnostic[]): string {
  return entriesOf(sortDiagnostics(warnings))
    .map((entry) => `wsgid: warning: ${entry}`)
    .join('\n')
}

/** Of the instances of one text that are wrong in the same way so many are shown; the others are counted. */
const shownInstances = 3

function entriesOf(sorted: readonly Diagnostic[]): readonly string[] {
  const likes = new Map<string, Diagnostic[]>()
  for (const each of sorted) {
    const key = JSON.stringify([each.file, each.line, each.column, each.code, each.instance === undefined && each.what])
    const like = likes.get(key)
    if (like === undefined) likes.set(key, [each])
    else like.push(each)
  }
  return [...likes.values()].flatMap((like) => [
    ...like.slice(0, shownInstances).map((each) => `${renderPlace(each)}: ${each.what}\n      ${each.cure}`),
    ...like.slice(shownInstances, shownInstances + 1).map((first) => andMore(first, like.length - shownInstances)),
  ])
}

function andMore({ instance: _, ...place }: Diagnostic, count: number): string {
  return `${renderPlace(place)}: the same for ${count} more ${count === 1 ? 'instance' : 'instances'}`
}

/** Sorts by file, line, column and instance, each once; what is wrong with a whole file comes first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const once = new Map(diagnostics.map((each) => [`${renderPlace(each)}\0${each.code}\0${each.what}`, each]))
  return [...once.values()].sort(
    (a, b) =>
      compareText(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compareText(a.instance ?? '', b.instance ?? ''),
  )
}

function headerOf(diagnostics: readonly Diagnostic[]): string {
  const files = [...new Set(diagnostics.map((each) => each.file))]
  const errors = diagnostics.length === 1 ? '1 error' : `${diagnostics.length} errors`
  return `wsgid: ${errors} in ${files.length === 1 ? (files[0] ?? '') : `${files.length} files`}`
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** How messages name a file: relative to the working directory when it is below it, else absolute. */
export function shownPath(path: string, workingDirectory: string): string {
  // Below "/" lies everything; there the absolute path says more.
  if (workingDirectory === '/') return path
  const below = relative(workingDirectory, path)
  return below === '' || below.startsWith('..') || isAbsolute(below) ? path : below
}
