// `wsgid exec` and `wsgid shell`: a command, or a Python prompt, as a group's workers would run it. Needs no running server.
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { renderReport } from '../config/diagnostics.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { resolvePlan } from '../facts/resolve-plan.ts'
import { commandOf } from '../launch/argv.ts'
import { closeStrayDescriptors } from '../launch/descriptors.ts'
import { NoTerminalError, runInTerminal, runOnPipes } from '../launch/run-as-group.ts'
import { findTools } from '../launch/tools.ts'
import { processGroupsOf } from '../plan/application-groups.ts'
import type { GroupPlan, ServerPlan } from '../plan/plan.ts'
import { invalidConfigurationExit } from './check.ts'
import { CommandFailure } from './failure.ts'
import { unknownGroup } from '../config/unknown-group.ts'
import { pythonPrompt } from './python-prompt.ts'

type Options = Readonly<{ config: string }>
type Wanted = Readonly<{ as: 'exec' | 'shell'; group: string; config: string }>

/** Adds the command to the program. */
export function registerExec(program: Command): void {
  program
    .command('exec')
    .description("run a command as a group's user, in its environment, directory and limits")
    .argument('<group>', 'whose')
    .argument('<command...>', 'the command and its arguments, behind --')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .addHelpText('after', '\nExample:\n  wsgid exec site-1 -- trac-admin /srv/site-1/env upgrade')
    .action((group: string, command: readonly string[], { config }: Options) =>
      run({ as: 'exec', group, config }, () => command),
    )
}

/** Adds the command to the program. */
export function registerShell(program: Command): void {
  program
    .command('shell')
    .description(
      "a Python prompt as a group's user, with the modules that its workers have; runs standard input when that is no terminal",
    )
    .argument('<group>', 'whose')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .addHelpText('after', '\nExamples:\n  wsgid shell site-1\n  wsgid shell site-1 < migrate.py')
    .action((group: string, { config }: Options) =>
      run({ as: 'shell', group, config }, (plan) => pythonPrompt(plan, process.stdin.isTTY)),
    )
}

async function run(wanted: Wanted, commandIn: (plan: GroupPlan) => readonly string[]): Promise<void> {
  const result = await resolvePlan(wanted.config)
  if (!result.ok) {
    process.stderr.write(`${renderReport(result.diagnostics)}\n`)
    process.exitCode = invalidConfigurationExit
    return
  }
  const { groups, privileged } = result.plan
  // Any part of the group: they differ in their applications only.
  const plan = groups.find(({ processGroup }) => processGroup === wanted.group)
  if (plan === undefined) throw new CommandFailure(`${wanted.as}: ${whyNot(wanted.group, result)}`)
  const command = commandOf(findTools(), plan, { privileged, command: commandIn(plan) })
  closeStrayDescriptors()
  // Workers take theirs on in Python.
  process.umask(plan.umask ?? 0o022)
  const onTerminal = process.stdin.isTTY && process.stdout.isTTY
  process.exitCode = await (onTerminal ? runInTerminal : runOnPipes)(command, directoryOf(plan)).catch(
    (error: unknown) => {
      throw terminalFailure(wanted.as, error, ', or do without a terminal: … | cat')
    },
  )
}

function whyNot(group: string, { plan, leftOut }: Readonly<{ plan: ServerPlan; leftOut: readonly string[] }>): string {
  return leftOut.includes(group)
    ? `group "${group}" is left out of the configuration as it is now: wsgid check says why`
    : unknownGroup(group, processGroupsOf(plan.groups))
}

function directoryOf({ chroot, home, identity }: GroupPlan): string {
  if (chroot !== null) return '/'
  if (home !== null) return home
  return existsSync(identity.homeDirectory) ? identity.homeDirectory : '/'
}

/** Says what is missing when there is no terminal to be had. @param otherwise what can be done without one */
export function terminalFailure(command: string, error: unknown, otherwise = ''): unknown {
  if (!(error instanceof NoTerminalError)) return error
  return new CommandFailure(
    `${command}: no terminal: the optional package node-pty is missing, there was no compiler when wsgid was installed; install g++, make and python3, then wsgid again${otherwise}`,
  )
}
