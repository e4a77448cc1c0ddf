// `wsgid debug`: one more worker of a group under pdb on this terminal. Here: the options, and a terminal for it; what happens on that is in debug-session.ts.
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { ControlClient } from '../control/client.ts'
import { closeStrayDescriptors } from '../launch/descriptors.ts'
import { runInTerminal } from '../launch/run-as-group.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'
import { chosenBy, parseBreak } from './debug-options.ts'
import { runDebugSession } from './debug-session.ts'
import { terminalFailure } from './exec.ts'
import { CommandFailure, controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'

type Options = Readonly<{
  config: string
  share?: string
  header?: string
  break: readonly string[]
  applicationGroup?: string
  inside?: true
}>

const examples = `
Examples:
  wsgid debug site-1 --header 'X-Debug: 1' --break /srv/site-1/views.py:120
  wsgid debug site-1 --share 10%`

/** Adds the command to the program. */
export function registerDebug(program: Command): void {
  program
    .command('debug')
    .description('one more worker of a group under pdb on this terminal; stops at breakpoints and exceptions')
    .argument('<group>', 'whose')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('--share <share>', 'which share of the requests it takes, such as 10% (default: all, one at a time)')
    .option('--header <header>', "only requests with this header, such as 'X-Debug: 1'")
    .option('--break <file:line>', 'stop there; may be repeated', (text, all: readonly string[]) => [...all, text], [])
    .option('--application-group <name>', 'which of the application groups, if there are several')
    // Set by the command itself when it has made a terminal.
    .addOption(new Option('--inside').hideHelp())
    .addHelpText('after', examples)
    .action((group: string, options: Options) => debug(group, options))
}

async function debug(group: string, options: Options): Promise<void> {
  const question = {
    ...{ group, choice: chosenBy(options), applicationGroup: options.applicationGroup ?? null },
    breaks: options.break.map((text) => parseBreak(text, (path) => resolve(path))),
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new CommandFailure('debug: no terminal: pdb asks and is answered; run this on a terminal')
  if (options.inside !== true) {
    process.exitCode = await onTerminalOfItsOwn()
    return
  }
  const socket = controlSocketIn(findRunDir(options.config))
  process.exitCode = await runDebugSession(new ControlClient(socket), question).catch((error: unknown) => {
    throw controlFailure('debug', socket, error)
  })
}

/** The tenant's process must not be able to type into the operator's terminal (TIOCSTI): it gets another one, and this command again in it. */
function onTerminalOfItsOwn(): Promise<number> {
  closeStrayDescriptors()
  const env = Object.fromEntries(Object.entries(process.env).filter(isDefined))
  const args = [...process.argv.slice(1), '--inside']
  return runInTerminal({ file: process.execPath, args, env }, process.cwd()).catch((error: unknown) => {
    throw terminalFailure('debug', error)
  })
}

const isDefined = (entry: [string, string | undefined]): entry is [string, string] => entry[1] !== undefined
