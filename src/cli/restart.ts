// `wsgid restart`: new workers for groups, no client notices. Fails with the traceback when new code does not load.
import type { Command } from 'commander'
import { ControlClient } from '../control/client.ts'
import type { ProgressLine } from '../control/progress-line.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'
import { controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'
import { RollProgress } from './roll-progress.ts'

type Options = Readonly<{ config: string }>

/** Adds the command to the program. */
export function registerRestart(program: Command): void {
  program
    .command('restart')
    .description('replace all workers, one after the other, without a failed request')
    .argument('[groups...]', 'only these groups')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .addHelpText('after', '\nExamples:\n  wsgid restart\n  wsgid restart site-1 site-2')
    .action((groups: readonly string[], options: Options) => restart(groups, options))
}

/** Follows a rolling restart to its end. */
async function restart(groups: readonly string[], { config }: Options): Promise<void> {
  const socket = controlSocketIn(findRunDir(config))
  const progress = new RollProgress('restart', process.stdout, process.stderr)
  const lines: ProgressLine[] = []
  const client = new ControlClient(socket)
  const tell = (line: ProgressLine): void => {
    if (line.type === 'refused') lines.push(line)
    else progress.tell(line)
  }
  await client.restart(groups, tell).catch((error: unknown) => {
    throw controlFailure('restart', socket, error)
  })
  for (const line of lines) progress.tell(line)
  process.exitCode = progress.exitCode
}
