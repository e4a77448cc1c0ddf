// What `start` prints when it knows how the start went.
import { escapeControls } from '../observe/log-line.ts'
import type { StartReport } from '../supervisor/main.ts'
import { CommandFailure } from './failure.ts'

/**
 * Prints the addresses and a line per group to stdout, errors to stderr.
 *
 * @returns whether every group came up
 * @throws CommandFailure when the server as a whole could not start
 */
export function printStartReport({ failure, listen, groups }: StartReport): boolean {
  if (failure !== null) throw new CommandFailure(`start: ${failure}`)
  for (const url of listen) process.stdout.write(`listening on ${url}\n`)
  for (const { name, processes, error } of groups) {
    if (error === null) process.stdout.write(`${name}: ${readiness(processes)}\n`)
    else
      process.stderr.write(
        `wsgid: start: group ${name} did not start: it is tried again; its log has more\n${indented(error)}\n`,
      )
  }
  return groups.every(({ error }) => error === null)
}

const readiness = (processes: number): string =>
  processes === 0 ? 'starts on demand' : `${processes} ${processes === 1 ? 'worker' : 'workers'} ready`

/** A traceback is a tenant's text: nothing in it may steer the terminal. */
export function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${escapeControls(line)}`)
    .join('\n')
}
