// The texts of wsgid.yaml and of group files → their options, each option checked on its own.
// Opens no file; what several options or files mean together is configuration.ts's and the plan's business.
import type { z } from 'zod'
import type { Diagnostic } from './diagnostics.ts'
import { groupSchema, type GroupOptions } from './group-schema.ts'
import { describeIssues } from './issues.ts'
import type { OptionTable } from './option.ts'
import { serverDefaults, serverSchema, type ServerOptions } from './server-schema.ts'
import { soundPart } from './sound-part.ts'
import { parseYaml, type SourceText, type YamlFile } from './yaml-file.ts'

/** A file whose every option is valid on its own. */
export type ParsedFile<Options> = Readonly<{ file: YamlFile; options: Options }>

export type ParseResult<Options> =
  | (ParsedFile<Options> & Readonly<{ ok: true }>)
  | Readonly<{
      ok: false
      diagnostics: readonly Diagnostic[]
      file: YamlFile | undefined
      /** What can be believed all the same, to find out what else is wrong; null: nothing. */
      sound: ParsedFile<Options> | null
    }>

/** Reads wsgid.yaml; an empty one is valid. */
export function parseServerFile(source: SourceText): ParseResult<ServerOptions> {
  const yaml = parseYaml(source)
  return yaml.ok ? checkFile(yaml.file, serverSchema, serverSchema.shape) : { ...yaml, file: undefined, sound: null }
}

/**
 * The glob patterns of `groups`, also of a wsgid.yaml with errors elsewhere: its group files are checked all the same.
 */
export function groupPatterns({ value }: Pick<YamlFile, 'value'>): readonly string[] {
  const checked = serverSchema
    .pick({ groups: true })
    .strip()
    .safeParse(value ?? {})
  return checked.data?.groups ?? serverDefaults.groups
}

/** Reads a group file that defines one group. */
export function parseGroupFile(source: SourceText): ParseResult<GroupOptions> {
  const yaml = parseYaml(source)
  return yaml.ok ? checkGroupFile(yaml.file) : { ...yaml, file: undefined, sound: null }
}

/** Checks the options of one group: of a file, or of an instance of a file with `for-each`. */
export function checkGroupFile(file: YamlFile): ParseResult<GroupOptions> {
  return checkFile(file, groupSchema, groupSchema.shape)
}

function checkFile<Options>(file: YamlFile, schema: z.ZodType<Options>, table: OptionTable): ParseResult<Options> {
  // A file without anything in it, or only comments, is a map without options.
  const checked = schema.safeParse(file.value ?? {})
  if (checked.success) return { ok: true, file, options: checked.data }
  const { issues } = checked.error
  const sound = schema.safeParse(soundPart(file.value, issues))
  return {
    ok: false,
    diagnostics: describeIssues(issues, file, table),
    file,
    sound: sound.success ? { file, options: sound.data } : null,
  }
}
