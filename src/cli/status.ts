// `wsgid status`: what runs, as a table for people or as JSON for programs.
import type { Command } from 'commander'
import { ControlClient } from '../control/client.ts'
import type { StatusDocument } from '../control/status-document.ts'
import { defaultConfigFile } from '../facts/resolve-plan.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'
import { CommandFailure, controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'
import { renderStatus } from './status-text.ts'

type Options = Readonly<{ config: string; json?: true }>

/** Adds the command to the program. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show groups, workers, queues and last exits')
    .argument('[group]', 'only this group')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  wsgid status\n  wsgid status site-1 --json')
    .action((group: string | undefined, options: Options) => status(group, options))
}

async function status(group: string | undefined, { config, json }: Options): Promise<void> {
  const socket = controlSocketIn(findRunDir(config))
  const document = await new ControlClient(socket).status().catch((error: unknown) => {
    throw controlFailure('status', socket, error)
  })
  const wanted = group === undefined ? document : onlyGroup(document, group)
  const colour = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === ''
  process.stdout.write(
    `${json ? JSON.stringify(wanted, null, 2) : renderStatus(wanted, { colour, now: new Date() })}\n`,
  )
}

function onlyGroup(document: StatusDocument, name: string): StatusDocument {
  const groups = document.groups.filter((group) => group.name === name)
  if (groups.length > 0) return { ...document, groups }
  const known = document.groups.map((group) => group.name).join(', ')
  throw new CommandFailure(`status: unknown group "${name}": the running server has ${known}; mind the spelling`)
}
