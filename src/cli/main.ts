// The command line: finds the command, turns usage errors into exit code 2 and surprises into one line.
// Knows what commands there are, not what they do.
import { Command, CommanderError } from 'commander'
import { registerCheck } from './check.ts'
import { registerCompletion } from './completion.ts'
import { registerExec, registerShell } from './exec.ts'
import { CommandFailure, usageExit } from './failure.ts'
import { registerInit } from './init.ts'
import { registerInstall } from './install.ts'
import { packageVersion } from './installation.ts'
import { registerLogs } from './logs.ts'
import { registerImportApache } from './import-apache.ts'
import { registerReload } from './reload.ts'
import { registerRestart } from './restart.ts'
import { registerSchema } from './schema.ts'
import { registerServe } from './serve.ts'
import { registerStart } from './start.ts'
import { registerStatus } from './status.ts'
import { registerStop } from './stop.ts'

const program = new Command()
  .name('wsgid')
  .description('runs many Python WSGI applications for many tenants')
  .version(packageVersion())
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wsgid: ')) })

for (const register of [
  registerStart,
  registerStop,
  registerReload,
  registerRestart,
  registerStatus,
  registerCheck,
  registerLogs,
  registerServe,
  registerImportApache,
  registerInit,
  registerInstall,
  registerExec,
  registerShell,
  registerSchema,
  registerCompletion,
])
  register(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

// commander has printed help and usage errors already.
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExit
  process.stderr.write(`wsgid: ${error instanceof Error ? error.message : String(error)}\n`)
  return error instanceof CommandFailure ? error.exitCode : 1
}
