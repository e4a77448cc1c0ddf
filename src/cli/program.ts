// Which commands there are. Knows not what they do, and runs none. A command's module is loaded when the command line names it: loading all of them
// takes several times as long as what most commands do.
import { Command } from 'commander'
import { packageVersion } from './installation.ts'

type Register = (program: Command) => void

/** By their names, in the order of --help. */
const commands: Readonly<Record<string, () => Promise<Register>>> = {
  start: async () => (await import('./start.ts')).registerStart,
  stop: async () => (await import('./stop.ts')).registerStop,
  reload: async () => (await import('./reload.ts')).registerReload,
  restart: async () => (await import('./restart.ts')).registerRestart,
  status: async () => (await import('./status.ts')).registerStatus,
  top: async () => (await import('./top.ts')).registerTop,
  check: async () => {
    await import('./short-run.ts')
    return (await import('./check.ts')).registerCheck
  },
  logs: async () => (await import('./logs.ts')).registerLogs,
  stacks: async () => (await import('./stacks.ts')).registerStacks,
  serve: async () => (await import('./serve.ts')).registerServe,
  'import-apache': async () => (await import('./import-apache.ts')).registerImportApache,
  init: async () => (await import('./init.ts')).registerInit,
  install: async () => (await import('./install.ts')).registerInstall,
  uninstall: async () => (await import('./install.ts')).registerUninstall,
  exec: async () => (await import('./exec.ts')).registerExec,
  shell: async () => (await import('./exec.ts')).registerShell,
  debug: async () => (await import('./debug.ts')).registerDebug,
  schema: async () => (await import('./schema.ts')).registerSchema,
  completion: async () => (await import('./completion.ts')).registerCompletion,
}

const versionOptions: readonly string[] = ['-V', '--version']

/** The program with all its commands, to be parsed once. */
export function makeProgram(): Promise<Command> {
  return programWith(Object.keys(commands))
}

/**
 * The program as a command line needs it, to be parsed once.
 *
 * @param words the command line behind the program's name
 * @returns with the command that the first word names; with all where that could be any (--help, a misspelt one) or speaks of all
 */
export function programFor([first = '']: readonly string[]): Promise<Command> {
  if (versionOptions.includes(first)) return programWith([])
  return first !== 'completion' && Object.hasOwn(commands, first) ? programWith([first]) : makeProgram()
}

async function programWith(names: readonly string[]): Promise<Command> {
  const program = new Command()
    .name('wsgid')
    .description('runs many Python WSGI applications for many tenants')
    .version(packageVersion(), versionOptions.join(', '))
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wsgid: ')) })
  for (const name of names) (await commands[name]?.())?.(program)
  program.showHelpAfterError('see wsgid --help')
  for (const command of program.commands) command.showHelpAfterError(`see wsgid ${command.name()} --help`)
  return program
}
