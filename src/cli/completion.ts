// `wsgid completion`: a script by which a shell completes commands, options and names of groups.
import { Argument, type Command } from 'commander'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { completionScript, shells, type CompletedCommand, type Shell } from './completion-script.ts'
import { findRunDir } from './find-run-dir.ts'
import { knownGroups } from './group-names.ts'

/** Adds the command to the program. */
export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script by which a shell completes commands, options and groups')
    .addArgument(new Argument('<shell>', '"groups" prints the names of groups').choices([...shells, 'groups']))
    .option('-c, --config <file>', 'configuration file, for groups', defaultConfigFile)
    .addHelpText('after', '\nExample:\n  source <(wsgid completion bash)')
    .action((shell: Shell | 'groups', { config }: Readonly<{ config: string }>) =>
      shell === 'groups' ? printGroups(config) : void process.stdout.write(completionOf(program, shell)),
    )
}

async function printGroups(config: string): Promise<void> {
  for (const name of await knownGroups(config, findRunDir(config))) process.stdout.write(`${name}\n`)
}

/** The script of a shell for all commands of the program. */
export function completionOf(program: Command, shell: Shell): string {
  return completionScript(shell, program.commands.map(completedCommand))
}

function completedCommand(command: Command): CompletedCommand {
  return {
    name: command.name(),
    description: command.description(),
    groups: command.registeredArguments.some((argument) => /^groups?$/.test(argument.name())),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: command.options.flatMap(({ short, long, required, description }) =>
      long ? [{ short: short?.slice(1) ?? null, long: long.slice(2), value: required, description }] : [],
    ),
  }
}
