// `wsgid stop`: ends the running server and waits for it.
import type { Command } from 'commander'
import { ControlClient } from '../control/client.ts'
import { defaultConfigFile } from '../facts/resolve-plan.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'
import { controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'

type Options = Readonly<{ config: string; now?: true }>

/** Adds the command to the program. */
export function registerStop(program: Command): void {
  program
    .command('stop')
    .description('finish what runs, then end; waits for it')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('--now', 'do not wait for running requests')
    .action((options: Options) => stop(options))
}

async function stop({ config, now }: Options): Promise<void> {
  const socket = controlSocketIn(findRunDir(config))
  await new ControlClient(socket).stop(now ? 'now' : 'graceful').catch((error: unknown) => {
    throw controlFailure('stop', socket, error)
  })
}
