// `wsgid serve`: one application without a configuration file, in the foreground.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { InvalidArgumentError, type Command } from 'commander'
import { renderReport } from '../config/diagnostics.ts'
import { planForServe } from '../facts/resolve-plan.ts'
import { closeStrayDescriptors } from '../launch/descriptors.ts'
import { usageExit } from './failure.ts'
import { runInForeground } from './start.ts'

type Options = Readonly<{ host: string; port: number; processes: number; threads: number; user?: string }>

/** Adds the command to the program. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve one application in the foreground, without a configuration file')
    .argument('<application>', 'path of a script, or module:callable')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0: a free one', wholeNumber(0, 65_535), 8080)
    .option('--processes <number>', 'worker processes', wholeNumber(1, 1024), 1)
    .option('--threads <number>', 'requests that a worker serves at a time', wholeNumber(1, 4096), 15)
    .option('--user <name>', 'account of the workers, when root starts it (default: nobody)')
    .addHelpText(
      'after',
      '\nExamples:\n  wsgid serve hello.wsgi\n  wsgid serve mysite.wsgi:application --port 8000 --processes 2',
    )
    .action((application: string, options: Options) => serve(application, options))
}

async function serve(target: string, { host, port, processes, threads, user }: Options): Promise<void> {
  const runDir = makeRunDir()
  try {
    const listen = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const result = await planForServe({ target, listen, user, runDir, workingDirectory: process.cwd() })
    if (result.ok) {
      closeStrayDescriptors()
      const groups = result.plan.groups.map((group) => ({ ...group, processes, threads }))
      await runInForeground({ ...result.plan, groups })
      return
    }
    process.stderr.write(`${renderReport(result.diagnostics)}\n`)
    process.exitCode = usageExit
  } finally {
    rmSync(runDir, { recursive: true, force: true })
  }
}

/** Root's stands where only root writes; the supervisor sets its mode. */
function makeRunDir(): string {
  return mkdtempSync(join(getuid?.() === 0 ? '/run' : tmpdir(), 'wsgid-serve-'))
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }
}
