// The commands as --help describes them, for the manual page.
import type { Command } from 'commander'
import type { DescribedCommand } from '../manual/command-manual.ts'

/** Every command of the program, in the order of --help. */
export function describedCommands(program: Command): readonly DescribedCommand[] {
  return program.commands.map(described)
}

function described(command: Command): DescribedCommand {
  const help = command.createHelp()
  return {
    usage: help.commandUsage(command),
    description: help.commandDescription(command),
    arguments: help
      .visibleArguments(command)
      .map((argument) => ({ term: help.argumentTerm(argument), text: help.argumentDescription(argument) })),
    options: help
      .visibleOptions(command)
      .filter(({ long }) => long !== '--help')
      .map((option) => ({ term: help.optionTerm(option), text: help.optionDescription(option) })),
    examples: examplesOf(command),
  }
}

/** What stands behind "Examples:", without the indentation. */
function examplesOf(command: Command): string {
  let printed = ''
  const before = command.configureOutput()
  command.configureOutput({ writeOut: (text) => (printed += text) })
  command.outputHelp()
  command.configureOutput(before)
  const [, examples = ''] = printed.split(/^Examples?:\n/m)
  return examples.trimEnd().replaceAll(/^ {2}/gm, '')
}
