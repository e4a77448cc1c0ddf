// `wsgid status`: what runs, as a table for people or as JSON for programs; once, or again and again.
import { Option, type Command } from 'commander'
import { ControlClient } from '../control/client.ts'
import type { StatusDocument } from '../control/status-document.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { sizeOf } from '../launch/terminal-size.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'
import { wantsColour } from './colour.ts'
import { CommandFailure, controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'
import { intervalOf } from './interval.ts'
import { unknownGroup } from '../config/unknown-group.ts'
import { detailLines } from './status-details.ts'
import { statusLines, type StatusLook } from './status-text.ts'
import { watchStatus } from './status-watch.ts'

type Options = Readonly<{ config: string; json?: true; watch?: true; interval: number }>

/** Adds the command to the program. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('show what runs: groups, workers, queues, requests and last exits')
    .argument('[group]', 'all about this group')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('--json', 'print JSON; with --watch a document a line')
    .option('-w, --watch', 'show it again and again, until Ctrl-C')
    .addOption(new Option('--interval <duration>', 'how often --watch looks').argParser(intervalOf).default(2000, '2s'))
    .addHelpText('after', examples)
    .action((group: string | undefined, options: Options) => status(group, options))
}

const examples = `
Examples:
  wsgid status                   a line for each group
  wsgid status shop              workers, exits, applications and the last error of one
  wsgid status --watch           the same every two seconds
  wsgid status --json | jq '.groups[] | select(.state != "running").name'`

async function status(group: string | undefined, { config, json, watch, interval }: Options): Promise<void> {
  const socket = controlSocketIn(findRunDir(config))
  const client = new ControlClient(socket)
  const linesOf = (document: StatusDocument): string[] => {
    const wanted = group === undefined ? document : onlyGroup(document, group)
    return json ? [JSON.stringify(wanted, null, watch ? 0 : 2)] : shownLines(wanted, group)
  }
  const failed = (error: unknown): unknown => controlFailure('status', socket, error)
  if (watch) return watchStatus({ client, linesOf, failed, intervalMs: interval, redraws: !json })
  const document = await client.status().catch((error: unknown) => {
    throw failed(error)
  })
  process.stdout.write(`${linesOf(document).join('\n')}\n`)
}

function shownLines(document: StatusDocument, name: string | undefined): string[] {
  const look: StatusLook = {
    // Through a pipe nothing is cut: it is for grep and awk.
    width: process.stdout.isTTY ? sizeOf(process.stdout).columns : Infinity,
    colour: wantsColour(process.stdout, process.env),
    now: new Date(),
  }
  return name === undefined ? statusLines(document, look) : document.groups.flatMap((group) => detailLines(group, look))
}

function onlyGroup(document: StatusDocument, name: string): StatusDocument {
  const groups = document.groups.filter((group) => group.name === name)
  if (groups.length > 0) return { ...document, groups }
  const known = document.groups.map((group) => group.name)
  throw new CommandFailure(`status: ${unknownGroup(name, known)}`)
}
