// The command line: finds the command, turns usage errors into exit code 2 and surprises into one line.
// Knows what commands there are, not what they do.
import { Command, CommanderError } from 'commander'
import { registerCheck } from './check.ts'

const usageExit = 2

const program = new Command()
  .name('wsgid')
  .description('runs many Python WSGI applications for many tenants')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'wsgid: ')) })

registerCheck(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

// commander has printed help and usage errors already.
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExit
  process.stderr.write(`wsgid: ${error instanceof Error ? error.message : String(error)}\n`)
  return 1
}
