// How one option is described: beside its schema stands everything that documentation and error messages say about it.
// Knows no particular option; those are in schema.ts.
import type { z } from 'zod'

/** What people read about an option. */
export type OptionNotes = Readonly<{
  /** What it is: "number of workers". */
  description: string
  /** What a value looks like, after "must be": "a whole number from 1 to 999". */
  expects: string
  /** What an entry looks like, when the value is a list or a map. */
  entry?: string
  /** What the numbers count, if anything: "seconds", "bytes". */
  unit?: string
  /** The default as YAML would give it, where it depends on nothing. */
  default?: string | number | boolean | readonly string[] | Readonly<Record<string, string>>
  /** What holds without the option when that depends on something else: "the file's name". */
  otherwise?: string
  /** A value as YAML text. */
  example: string
  /** The options inside this one, when it is a map or a list of maps. */
  inside?: OptionTable
}>

/** Options by name, as the shape of a schema has them. */
export type OptionTable = Readonly<Record<string, z.ZodType>>

const described = new WeakMap<object, OptionNotes>()

/** Describes an option that must be given. */
export function required<Schema extends z.ZodType>(schema: Schema, notes: OptionNotes): Schema {
  // A copy: several options may have one kind of value, each with notes of its own.
  const own = schema.clone()
  described.set(own, notes)
  return own
}

/**
 * Describes an option that may be left out. It is `exactOptional` for the compiler only: that tries an option which is not there with `undefined` and
 * throws the errors away, half of the time that a file takes, while `optional` lets it be. The difference is a key with `undefined`, which no file has.
 */
export function optional<Schema extends z.ZodType>(schema: Schema, notes: OptionNotes): z.ZodExactOptional<Schema> {
  const own: unknown = schema.optional()
  described.set(own as object, notes)
  return own as z.ZodExactOptional<Schema>
}

/** The notes of an option; undefined for a name that the table does not have. */
export function notesOf(table: OptionTable, name: string): OptionNotes | undefined {
  const schema = Object.hasOwn(table, name) ? table[name] : undefined
  return schema && described.get(schema)
}

/** The notes of an option by its schema, as `optional` or `required` has returned it; of any other, undefined. */
export function notesOfSchema(schema: object): OptionNotes | undefined {
  return described.get(schema)
}

/** The defaults of a table that depend on nothing, as YAML would give them. */
export function defaultValues(table: OptionTable): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.keys(table).map((name) => [name, notesOf(table, name)?.default]))
}

/** How a default reads in text, as YAML: 15, "30s", {}; undefined when there is none to name. */
export function defaultText({ default: value, otherwise }: OptionNotes): string | undefined {
  if (value === undefined) return otherwise
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
