// What is wrong with a configuration, as values, and how a report of them reads.
// Knows neither YAML nor the options.
import { relative, isAbsolute } from 'node:path'

/** Where something stands. `file` is written as messages show it; line and column count from 1, null for the whole file. */
export type Place = Readonly<{ file: string; line: number | null; column: number | null }>

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

/** A problem of a file as a whole. */
export const wholeFile = (file: string): Place => ({ file, line: null, column: null })

/** `groups.d/a.yaml:3:1`, or only the file for a problem of the whole file. */
export function renderPlace({ file, line, column }: Place): string {
  return line === null ? file : `${file}:${line}:${column ?? 1}`
}

/**
 * The report of an invalid configuration, all of it at once, sorted by file and line; no newline at the end.
 *
 * @param diagnostics at least one
 */
export function renderReport(diagnostics: readonly Diagnostic[]): string {
  const sorted = sortDiagnostics(diagnostics)
  const entries = sorted.map((each) => `  ${renderPlace(each)}: ${each.what}\n      ${each.cure}`)
  return [headerOf(sorted), ...entries].join('\n\n')
}

/** Sorts by file, line, column; what is wrong with a whole file comes first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) => compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
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
