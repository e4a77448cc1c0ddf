// How a command says that it failed: the text for stderr and the exit code.
import { ControlError } from '../control/client.ts'

export const usageExit = 2
/** LSB: program is not running. */
export const notRunningExit = 3

/** An expected failure; the message reads "what: why; what to do" and is printed behind "wsgid: ". */
export class CommandFailure extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Words for a supervisor that could not be asked. */
export function controlFailure(command: string, socketPath: string, error: unknown): unknown {
  if (!(error instanceof ControlError)) return error
  switch (error.code) {
    case 'not-running':
      return new CommandFailure(
        `${command}: not running: nobody answers at ${socketPath}; start it with wsgid start`,
        notRunningExit,
      )
    case 'denied':
      return new CommandFailure(
        `${command}: permission denied: ${socketPath} is another account's; run this as root or as the account that started wsgid`,
      )
    case 'broken-off':
    case 'failed':
      return new CommandFailure(`${command}: ${error.message}; see wsgid.log`)
  }
}
