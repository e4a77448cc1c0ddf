// `wsgid schema`: the JSON Schema of the configuration, for editors.
import { Argument, type Command } from 'commander'
import { jsonSchemaOf, schemaKinds, type SchemaKind } from '../config/json-schema.ts'

/** Adds the command to the program. */
export function registerSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of wsgid.yaml or of group files, for editors')
    .addArgument(new Argument('[kind]', 'which file').choices(schemaKinds).default('server'))
    .addHelpText(
      'after',
      '\nExamples:\n  wsgid schema group > /etc/wsgid/group.schema.json\n  sed -i "1i # yaml-language-server: \\$schema=/etc/wsgid/group.schema.json" site-1.yaml',
    )
    .action((kind: SchemaKind) => {
      process.stdout.write(`${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`)
    })
}
