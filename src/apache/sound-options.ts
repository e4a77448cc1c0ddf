// Leaves out what wsgid would not take: a value out of range, a name with the wrong characters. What is written passes `wsgid check`, but for what
// keeps clients or code out: without that more would be open than under Apache, so it stays as it is, and the check says what to correct.
import { applicationOptions, applicationSchema } from '../config/application-schema.ts'
import { groupSchema } from '../config/group-schema.ts'
import { notesOf, type OptionTable } from '../config/option.ts'
import { serverSchema } from '../config/server-schema.ts'
import { lineOf, type Line } from './collected.ts'
import type { Options, Remark, Value } from './draft.ts'

/** By name, and why: `lost` are left out; `kept` are as unsound, and stand in `options` all the same. */
export type Sound = Readonly<{
  options: Options
  lost: ReadonlyMap<string, string>
  kept: ReadonlyMap<string, string>
}>

/** Options without which more is open: to clients, to other hosts, to other groups and files. */
const guards: ReadonlySet<string> = new Set([
  ...['auth', 'hosts', 'require-file', 'restrict-process'],
  ...['user', 'group', 'chroot', 'script-user', 'script-group'],
])

export const soundGroup = (options: Options): Sound => sound(options, groupSchema.shape)
export const soundServer = (options: Options): Sound => sound(options, serverSchema.shape)

/** Its variables one by one. */
export function soundApplication(options: Options): Sound {
  const { environ, ...others } = options
  const checked = sound(others, applicationOptions)
  if (typeof environ !== 'object') return checked
  const lost = new Map(checked.lost)
  const variables = Object.entries(environ).filter(([name, text]) => {
    const isSound = applicationOptions.environ.safeParse({ [name]: text }).success
    if (!isSound) lost.set(`environ.${name}`, notesOf(applicationOptions, 'environ')?.expects ?? '')
    return isSound
  })
  const all = variables.length === 0 ? checked.options : { ...checked.options, environ: Object.fromEntries(variables) }
  return { options: all, lost, kept: checked.kept }
}

/** Whether an application can stand in a group file at all. */
export const isApplication = (options: Options): boolean => applicationSchema.safeParse(options).success

/** What is said of all that is not sound. @param textOf what stands for an option in the configuration of Apache */
export function soundRemarks({ lost, kept }: Sound, line: Line, textOf: (option: string) => string): readonly Remark[] {
  return [...lost, ...kept].map(([option, why]) => ({ ...lineOf(line), text: textOf(option), why }))
}

function sound(options: Options, table: OptionTable): Sound {
  const lost = new Map<string, string>()
  const kept = new Map<string, string>()
  for (const [name, value] of Object.entries(options)) {
    const why = whyNot(table, name, value)
    if (why === undefined) continue
    if (guards.has(name)) kept.set(name, `${why}: correct it where it is written now`)
    else lost.set(name, why)
  }
  return { options: Object.fromEntries(Object.entries(options).filter(([name]) => !lost.has(name))), lost, kept }
}

function whyNot(table: OptionTable, name: string, value: Value): string | undefined {
  const schema = Object.hasOwn(table, name) ? table[name] : undefined
  if (schema === undefined) return 'there is no such option'
  return schema.safeParse(value).success ? undefined : `must be ${notesOf(table, name)?.expects ?? 'another value'}`
}
