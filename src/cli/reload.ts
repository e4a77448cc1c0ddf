// `wsgid reload`: has the running server take over what has changed. Fails with the traceback when new code does not load.
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
export function registerReload(program: Command): void {
  program
    .command('reload')
    .description('take over what has changed in the configuration and in scripts; touch nothing else')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .addHelpText('after', '\nExample:\n  wsgid check && wsgid reload')
    .action((options: Options) => reload(options))
}

/** Applies the difference between what runs and what is configured now. */
async function reload({ config }: Options): Promise<void> {
  const socket = controlSocketIn(findRunDir(config))
  const progress = new RollProgress('reload', process.stdout, process.stderr)
  const lines: ProgressLine[] = []
  const client = new ControlClient(socket)
  const tell = (line: ProgressLine): void => {
    if (line.type === 'refused') lines.push(line)
    else progress.tell(line)
  }
  await client.reload(tell).catch((error: unknown) => {
    throw controlFailure('reload', socket, error)
  })
  for (const line of lines) progress.tell(line)
  process.exitCode = progress.exitCode
}
