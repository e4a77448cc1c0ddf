// `wsgid start`: checks the configuration, then runs the supervisor here or in the background.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { renderReport } from '../config/diagnostics.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { resolvePlan } from '../facts/resolve-plan.ts'
import { closeStrayDescriptors } from '../launch/descriptors.ts'
import { findNotifySocket } from '../launch/notify-socket.ts'
import type { ServerPlan } from '../plan/plan.ts'
import { launchDetached } from '../supervisor/launch-detached.ts'
import { AlreadyRunningError } from '../supervisor/provisions.ts'
import { startSupervisor, type GroupUp } from '../supervisor/main.ts'
import { invalidConfigurationExit, printWarnings } from './check.ts'
import { CommandFailure } from './failure.ts'
import { findInstallation } from './installation.ts'
import { outliveOutput } from './output-end.ts'
import { StartProgress } from './start-report.ts'

type Options = Readonly<{ config: string; foreground?: true }>

/** Adds the command to the program. */
export function registerStart(program: Command): void {
  program
    .command('start')
    .description('check the configuration and start; returns when every group is ready')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('-f, --foreground', 'stay in the foreground; INT and TERM end it')
    .addHelpText('after', '\nExamples:\n  wsgid start\n  wsgid start --foreground --config ./wsgid.yaml')
    .action((options: Options) => start(options))
}

async function start({ config, foreground }: Options): Promise<void> {
  const result = await resolvePlan(resolve(config))
  if (!result.ok) {
    process.stderr.write(`${renderReport(result.diagnostics)}\n`)
    process.exitCode = invalidConfigurationExit
    return
  }
  printWarnings(result.warnings)
  closeStrayDescriptors()
  if (foreground) await runInForeground(result.plan)
  else await startDetached(result.plan)
}

/** Runs until the server ends; groups that did not start are tried again meanwhile. */
export async function runInForeground(plan: ServerPlan): Promise<void> {
  outliveOutput()
  const notify = findNotifySocket(process.env)
  const progress = new StartProgress(process.stdout, process.stderr)
  const groupUp = (group: GroupUp): void => progress.tell(group)
  const supervisor = await startSupervisor(plan, findInstallation(), { notify, groupUp }).catch((error: unknown) => {
    progress.abandon()
    throw startFailure(error)
  })
  // Printed and gone on: the other groups serve.
  progress.finish(await supervisor.started)
  await supervisor.ended
}

async function startDetached(plan: ServerPlan): Promise<void> {
  const progress = new StartProgress(process.stdout, process.stderr)
  const report = await launchDetached(plan, findInstallation(), (group) => progress.tell(group)).catch(
    (error: unknown) => {
      progress.abandon()
      throw error
    },
  )
  if (!progress.finish(report)) process.exitCode = 1
}

function startFailure(error: unknown): unknown {
  if (error instanceof AlreadyRunningError) return new CommandFailure(`start: ${error.message}`)
  return error instanceof Error ? new CommandFailure(`start: ${error.message}`) : error
}
