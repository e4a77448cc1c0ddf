// What becomes of a process that cannot write what it has to say: `| head` has seen enough, a disk is full, a terminal is gone.
import { codeOf } from '../errno.ts'

/** Ends a command with its output: quietly when its reader has seen enough, else with the reason and exit code 1. */
export function endWithOutput(): void {
  process.stdout.on('error', endOfStdout)
  process.stderr.on('error', endOfStderr)
}

/** From now on output that fails ends nothing: a server goes on, and what it tells besides is in its log. */
export function outliveOutput(): void {
  process.stdout.off('error', endOfStdout).on('error', goOn)
  process.stderr.off('error', endOfStderr).on('error', goOn)
}

// Both end the process on the spot: a command may be waiting for something, such as the next line of a log, and nothing that comes after this can be written.
// Without an argument process.exit keeps the exit code that is set already.
function endOfStdout(error: Error): never {
  if (isReaderGone(error)) process.exit()
  // What the command was asked to print is lost: to its caller it has failed.
  process.stderr.write(`wsgid: cannot write to standard output: ${error.message}\n`)
  process.exit(1)
}

// Nowhere is left to say it: only the exit code tells.
function endOfStderr(error: Error): never {
  process.exit(isReaderGone(error) ? undefined : 1)
}

const goOn = (): void => undefined

const isReaderGone = (error: Error): boolean => codeOf(error) === 'EPIPE'
