// A group file with `for-each`: one text, a group for each directory. `${instance}` and `${owner}` in its strings become the directory's
// name and its owner's. Finds no directories: that is facts/'s business.
import { dirname, resolve } from 'node:path'
import type { Diagnostic } from './diagnostics.ts'
import { forEachSchema } from './group-schema.ts'
import { describeIssues } from './issues.ts'
import { isOptionMap } from './refinement.ts'
import { valueAt, type Path, type YamlFile } from './yaml-file.ts'

/** What a group file asks for once for each directory. */
export type ForEach = Readonly<{
  file: YamlFile
  /** Absolute glob pattern of directories. */
  pattern: string
  /** A path inside of each directory that must be there; null: none. */
  require: string | null
  /** Whether the file says `${owner}` anywhere: then a directory of root's is nobody's. */
  namesOwner: boolean
}>

/** One directory: `${instance}` and `${owner}`. */
export type Instance = Readonly<{ name: string; owner: string }>

export type ForEachResult =
  Readonly<{ ok: true; forEach: ForEach | null }> | Readonly<{ ok: false; diagnostics: readonly Diagnostic[] }>

/** Stands for the instances of a file that has none (yet), so that its options are checked all the same. */
export const standIn: Instance = { name: 'instance', owner: '1' }

const variable = /\$\{(instance|owner)\}/g

/** Reads `for-each` of a group file; null without: then the variables mean nothing, and saying them is an error. */
export function readForEach(file: YamlFile): ForEachResult {
  const checked = forEachSchema.safeParse(isOptionMap(file.value) ? file.value : {})
  if (!checked.success)
    return { ok: false, diagnostics: describeIssues(checked.error.issues, file, forEachSchema.shape) }
  const { name, 'for-each': pattern, 'for-each-require': required } = checked.data
  if (pattern === undefined) return withoutForEach(file)
  if (typeof name === 'string' && !name.includes('${instance}')) return { ok: false, diagnostics: [oneName(file)] }
  return {
    ok: true,
    forEach: {
      file,
      pattern: resolve(dirname(file.path), pattern),
      require: required ?? null,
      namesOwner: textsIn(file.value).some(({ text }) => text.includes('${owner}')),
    },
  }
}

/**
 * The file as one instance reads it. Places are those of the file; where the text depends on the instance they name it, so that a mistake
 * which all instances share is one mistake.
 */
export function instanceOf({ file }: ForEach, instance: Instance): YamlFile {
  const options = { name: '${instance}', ...(isOptionMap(file.value) ? file.value : {}) }
  const value = substitute(options, instance)
  return {
    ...file,
    value,
    has: (path) => valueAt(value, path).found,
    placeOf: (path, part) => ({
      ...file.placeOf(path, part),
      ...(part === 'value' && dependsOnInstance(options, path) && { instance: instance.name }),
    }),
  }
}

function dependsOnInstance(options: object, path: Path): boolean {
  const { found, value } = valueAt(options, path)
  return found && textsIn(value).some(({ text }) => text.search(variable) >= 0)
}

function substitute(value: unknown, instance: Instance): unknown {
  if (typeof value === 'string')
    return value.includes('${')
      ? value.replaceAll(variable, (_, name) => (name === 'owner' ? instance.owner : instance.name))
      : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => substitute(item, instance))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, instance)]))
}

/** Every string of a file with the way to it. */
function textsIn(value: unknown, path: Path = []): readonly Readonly<{ path: Path; text: string }>[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (typeof value !== 'object' || value === null) return []
  const entries = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value)
  return entries.flatMap(([step, item]: readonly [string | number, unknown]) => textsIn(item, [...path, step]))
}

function oneName(file: YamlFile): Diagnostic {
  return {
    ...file.placeOf(['name'], 'value'),
    code: 'invalid-value',
    what: 'with for-each, name must contain ${instance}',
    cure: 'each directory makes a group of its own and each needs its own name, for example "name: site-${instance}"',
  }
}

// In applications a capture of a `match` may have the same name; what is wrong there is found there.
function withoutForEach(file: YamlFile): ForEachResult {
  const diagnostics = textsIn(file.value)
    .filter(({ path, text }) => path[0] !== 'applications' && text.search(variable) >= 0)
    .map(({ path, text }): Diagnostic => ({
      ...file.placeOf(path, 'value'),
      code: 'invalid-value',
      what: `${text.match(variable)?.[0] ?? ''} has a meaning only in a group file with for-each`,
      cure: 'add for-each: with a pattern of directories, such as /srv/sites/*, or write out what you mean',
    }))
  return diagnostics.length === 0 ? { ok: true, forEach: null } : { ok: false, diagnostics }
}
