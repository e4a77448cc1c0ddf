// The JSON Schemas of wsgid.yaml and of group files, for editors, made from the schemas that wsgid itself checks by. Knows no option by name.
import { z } from 'zod'
import { groupSchema } from './group-schema.ts'
import { defaultText, notesOfSchema, type OptionNotes } from './option.ts'
import { serverSchema } from './server-schema.ts'

/** What kinds of files there are. */
export const schemaKinds = ['server', 'group'] as const
export type SchemaKind = (typeof schemaKinds)[number]

type JsonSchema = z.core.JSONSchema.BaseSchema

/** JSON Schema 2020-12 of one kind of file. What depends on the machine (are the files there, who owns them) is `wsgid check`'s. */
export function jsonSchemaOf(kind: SchemaKind): JsonSchema {
  const title = kind === 'server' ? 'wsgid.yaml' : 'a group file of wsgid'
  const made = z.toJSONSchema(kind === 'server' ? serverSchema : groupSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      if (kind === 'group') admitVariables(jsonSchema)
      const notes = notesOfSchema(zodSchema)
      if (notes !== undefined) describe(jsonSchema, notes)
    },
  })
  return { title, ...made }
}

/** Texts of a file with `for-each` are checked when the variables have their values. */
function admitVariables(schema: JsonSchema): void {
  if (schema.pattern !== undefined) schema.pattern = `(?:${schema.pattern})|\\$\\{(?:instance|owner)\\}`
}

function describe(schema: JsonSchema, notes: OptionNotes): void {
  const { description, expects, example } = notes
  const fallback = defaultText(notes)
  schema.description = `${description}. ${capitalized(expects)}. ${fallback === undefined ? '' : `Default: ${fallback}. `}Example: ${example}`
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
