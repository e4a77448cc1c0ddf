// wsgid.yaml(5), made from the schemas of the configuration as docs/configuration.md is. Knows no option by name.
import { groupSchema } from '../config/group-schema.ts'
import { defaultText, notesOf, type OptionTable } from '../config/option.ts'
import { introduction, tablesOf } from '../config/reference.ts'
import { serverSchema } from '../config/server-schema.ts'
import { fromMarkdown } from './markdown.ts'
import { definition, heading, title, type Term } from './roff.ts'

/** The source of wsgid.yaml(5). */
export function configurationManual(version: string): string {
  return [
    title({ name: 'wsgid.yaml', section: 5, version, manual: 'File Formats Manual' }),
    `${heading('Name')}wsgid.yaml \\- configuration of wsgid(8), with its group files\n`,
    heading('Description'),
    fromMarkdown(introduction),
    ...[
      ...tablesOf('Options of wsgid.yaml', serverSchema.shape, ['defaults']),
      ...tablesOf('Options of group files', groupSchema.shape, []),
    ].map(
      ({ title: name, table }) =>
        heading(name.replaceAll('`', '')) +
        Object.keys(table)
          .map((option) => definition(termOf(option, table)))
          .join(''),
    ),
    fromMarkdown('## See also\n\nwsgid(8); `wsgid check` tests a configuration, `wsgid schema` helps editors\n'),
  ].join('')
}

function termOf(name: string, table: OptionTable): Term {
  const notes = notesOf(table, name)
  if (!notes) throw new Error(`option ${name} is not described`)
  const { description, expects, unit, example } = notes
  const fallback = defaultText(notes)
  const sentences = [
    `${description.charAt(0).toUpperCase()}${description.slice(1)}. Must be ${expects}.`,
    ...(unit === undefined ? [] : [`A number counts ${unit}.`]),
    fallback === undefined ? 'It must be given.' : `Default: ${breakable(fallback)}.`,
  ]
  return { term: name, text: sentences.join(' '), example: `${name}: ${example}` }
}

/** A list as JSON is one long word. */
const breakable = (value: string): string => value.replaceAll('","', '", "')
