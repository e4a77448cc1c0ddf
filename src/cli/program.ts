// Which commands there are. Knows not what they do, and runs none.
import { Command } from 'commander'
import { registerCheck } from './check.ts'
import { registerCompletion } from './completion.ts'
import { registerExec, registerShell } from './exec.ts'
import { registerInit } from './init.ts'
import { registerInstall } from './install.ts'
import { packageVersion } from './installation.ts'
import { registerLogs } from './logs.ts'
import { registerImportApache } from './import-apache.ts'
import { registerReload } from './reload.ts'
import { registerRestart } from './restart.ts'
import { registerSchema } from './schema.ts'
import { registerServe } from './serve.ts'
import { registerStacks } from './stacks.ts'
import { registerStart } from './start.ts'
import { registerStatus } from './status.ts'
import { registerStop } from './stop.ts'
import { registerTop } from './top.ts'

const registrations = [
  registerStart,
  registerStop,
  registerReload,
  registerRestart,
  registerStatus,
  registerTop,
  registerCheck,
  registerLogs,
  registerStacks,
  registerServe,
  registerImportApache,
  registerInit,
  registerInstall,
  registerExec,
  registerShell,
  registerSchema,
  registerCompletion,
]

/** The program with all its commands, to be parsed once. */
export function makeProgram(): Command {
  const program = new Command()
    .name('wsgid')
    .description('runs many Python WSGI applications for many tenants')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wsgid: ')) })
  for (const register of registrations) register(program)
  program.showHelpAfterError('see wsgid --help')
  for (const command of program.commands) command.showHelpAfterError(`see wsgid ${command.name()} --help`)
  return program
}
