// The command line: turns usage errors into exit code 2 and surprises into one line.
import { CommanderError } from 'commander'
import { CommandFailure, usageExit } from './failure.ts'
import { endWithOutput } from './output-end.ts'
import { programFor } from './program.ts'

endWithOutput()
try {
  const program = await programFor(process.argv.slice(2))
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
