// `wsgid stop`: ends the running server and waits for it.
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { ControlClient } from '../control/client.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { readPidFile, startTimeOf } from '../supervisor/pid-file.ts'
import { controlSocketIn, pidFileIn } from '../supervisor/run-dir.ts'
import { controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'
import { showStop } from './stop-progress.ts'

type Options = Readonly<{ config: string; now?: true }>

/** Adds the command to the program. */
export function registerStop(program: Command): void {
  program
    .command('stop')
    .description('finish what runs, then end; waits for it')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('--now', 'do not wait for running requests')
    .addHelpText('after', '\nExamples:\n  wsgid stop\n  wsgid stop --now')
    .action((options: Options) => stop(options))
}

async function stop({ config, now }: Options): Promise<void> {
  const runDir = findRunDir(config)
  const socket = controlSocketIn(runDir)
  const pid = readPidFile(pidFileIn(runDir))
  const startTime = pid === null ? null : startTimeOf(pid)
  const client = new ControlClient(socket)
  const ended = client.stop(now ? 'now' : 'graceful')
  await showStop(ended, { out: process.stdout, ask: () => client.status() })
  await ended.catch((error: unknown) => {
    throw controlFailure('stop', socket, error)
  })
  if (pid !== null && startTime !== null) await untilGone(pid, startTime)
}

/**
 * Waits until the process itself is gone: it answers when all is done, a moment before it exits. It is not our child, so there is no event to wait
 * for, and it has nothing left to do that could take long.
 */
async function untilGone(pid: number, startTime: string): Promise<void> {
  const giveUp = performance.now() + exitTimeoutMs
  while (startTimeOf(pid) === startTime && performance.now() < giveUp) await pause(lookEveryMs)
}

const exitTimeoutMs = 5000
const lookEveryMs = 10
