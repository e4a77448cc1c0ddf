// `wsgid stacks`: where every thread of a group's workers is now, also while they hang.
import type { Command } from 'commander'
import { ControlClient } from '../control/client.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'
import { CommandFailure, controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'
import { unknownGroup } from '../config/unknown-group.ts'
import { renderStacks } from './stacks-text.ts'

type Options = Readonly<{ config: string; json?: true }>

/** Adds the command to the program. */
export function registerStacks(program: Command): void {
  program
    .command('stacks')
    .description('show where the threads of a group are, by file and line, and which requests they serve')
    .argument('<group>', 'whose workers')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  wsgid stacks site-1\n  wsgid stacks site-1 --json')
    .action((group: string, options: Options) => stacks(group, options))
}

async function stacks(group: string, { config, json }: Options): Promise<void> {
  const socket = controlSocketIn(findRunDir(config))
  const answer = await new ControlClient(socket).stacks(group).catch((error: unknown) => {
    throw controlFailure('stacks', socket, error)
  })
  if ('known' in answer) throw new CommandFailure(`stacks: ${unknownGroup(group, answer.known)}`)
  process.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : renderStacks(answer))
}
