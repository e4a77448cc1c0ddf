// What zod found wrong, said in our words and at its place in the file.
// Knows the options only through their notes.
import type { z } from 'zod'
import type { Diagnostic } from './diagnostics.ts'
import { defaultText, notesOf, type OptionNotes, type OptionTable } from './option.ts'
import { nearestName } from './suggest.ts'
import { valueAt, type Path, type YamlFile } from './yaml-file.ts'

type Issue = z.core.$ZodIssue

/** What a path in a file means: the option that it leads to or into, and the options that may stand there. */
type Subject = Readonly<{
  file: YamlFile
  path: Path
  /** As messages call it: "threads", "env.TZ", "an entry of hosts". */
  name: string
  notes: OptionNotes | undefined
  /** The option's own name, also where the path leads to an entry of it. */
  option: string
  /** "must be" this; an entry of a list or map has its own words. */
  expects: string
  inside: OptionTable
}>

/**
 * Turns the issues of one file into diagnostics: unknown options at their key, bad values at the value.
 *
 * @param table the options at the top of the file
 */
export function describeIssues(issues: readonly Issue[], file: YamlFile, table: OptionTable): readonly Diagnostic[] {
  return issues.flatMap(innermost).flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
    return describeIssue(issue, subjectOf(file, path, table))
  })
}

/** Of a union that did not match, the issues of the one alternative that the value was meant as; else the union itself. */
function innermost(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const [meant, ...others] = issue.errors.filter((alternative) => !alternative.some(isOfAnotherKind))
  if (meant === undefined || others.length > 0) return [issue]
  return meant.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(innermost)
}

const isOfAnotherKind = (issue: Issue): boolean => issue.code === 'invalid_type' && issue.path.length === 0

function describeIssue(issue: Issue, subject: Subject): readonly Diagnostic[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownOption(key, subject))
  if (issue.code === 'invalid_key') return [invalidName(subject)]
  if (issue.code === 'custom' && issue.params) return [saidBySchema(issue.params, subject)]
  return [subject.file.has(subject.path) ? invalidValue(subject) : missingOption(subject)]
}

function unknownOption(key: string, { file, path, inside }: Subject): Diagnostic {
  const known = Object.keys(inside)
  const nearest = nearestName(key, known)
  const notes = nearest === undefined ? undefined : notesOf(inside, nearest)
  return {
    ...file.placeOf([...path, key], 'key'),
    code: 'unknown-option',
    what: `unknown option ${shown(key)}`,
    cure: notes ? `did you mean "${nearest ?? ''}"? (${summary(notes)})` : `known here: ${known.join(', ')}`,
  }
}

function invalidName({ file, path, notes, expects }: Subject): Diagnostic {
  return {
    ...file.placeOf(path, 'key'),
    code: 'invalid-value',
    what: `${shown(path.at(-1))} cannot be a name in ${String(path.at(-2))}`,
    cure: `it must be ${notes?.expects ?? expects}`,
  }
}

// A check over several options of one map brings its own words along; they stand in the schema.
function saidBySchema(params: Readonly<Record<string, unknown>>, { file, path }: Subject): Diagnostic {
  return {
    ...file.placeOf(path, 'value'),
    code: 'invalid-value',
    what: String(params['what']),
    cure: String(params['cure']),
  }
}

function missingOption({ file, path, name, notes, expects }: Subject): Diagnostic {
  return {
    ...file.placeOf(path, 'key'),
    code: 'missing-option',
    what: `${name} is missing`,
    cure: `add ${expects}${notes ? `, for example "${name}: ${notes.example}"` : ''}`,
  }
}

function invalidValue({ file, path, name, notes, option, expects }: Subject): Diagnostic {
  return {
    ...file.placeOf(path, 'value'),
    code: 'invalid-value',
    what: `${name} is ${shown(valueAt(file.value, path).value)}, must be ${expects}`,
    cure: notes ? `for example "${option}: ${notes.example}" (${summary(notes)})` : 'write one "name: value" a line',
  }
}

/** "number of workers; default 1": the first clause of the description tells what it is, the others are for the documentation. */
function summary(notes: OptionNotes): string {
  const otherwise = typeof notes.default === 'object' ? undefined : defaultText(notes)
  const [what = ''] = notes.description.split(/[.;:] /)
  return otherwise === undefined ? what : `${what}; default ${otherwise.replaceAll('`', '')}`
}

function subjectOf(file: YamlFile, path: Path, table: OptionTable): Subject {
  const top: Subject = {
    file,
    path,
    name: 'the file',
    option: '',
    notes: undefined,
    expects: 'a map of options',
    inside: table,
  }
  return path.reduce<Subject>((subject, step) => stepInto(subject, step), top)
}

function stepInto(subject: Subject, step: string | number): Subject {
  if (typeof step === 'number')
    return { ...subject, name: `an entry of ${subject.name}`, expects: subject.notes?.entry ?? subject.expects }
  const notes = notesOf(subject.inside, step)
  if (notes) return { ...subject, name: step, option: step, notes, expects: notes.expects, inside: notes.inside ?? {} }
  return { ...subject, name: `${subject.name}.${step}`, expects: subject.notes?.entry ?? subject.expects }
}

/** A value as a message shows it; quoted, so that control characters stay harmless, and never long. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object') return 'a map'
  const text = JSON.stringify(value)
  return text.length <= 80 ? text : `${text.slice(0, 77)}…"`
}
