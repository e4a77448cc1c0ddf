// How a program is run under callgrind, and what it counted. Knows no program.
import { readFile } from 'node:fs/promises'

/** What callgrind counts, between any two instructions of a process's life. */
export type Count = Readonly<{ requests: number; instructions: number }>

/** The command that runs `command` and writes its counts to `file` when it ends. Without vgdb, which would stop the process at times. */
export const underCallgrind = (file: string, command: readonly string[]): string[] => [
  'valgrind',
  '--tool=callgrind',
  `--callgrind-out-file=${file}`,
  '--vgdb=no',
  '--quiet',
  ...command,
]

/** Reads the total of a file of callgrind's. @throws when there is none: the process was killed */
export function totalOf(text: string): number {
  const total = /^totals: (\d+)$/m.exec(text)?.[1]
  if (total === undefined) throw new Error('callgrind: a file without totals')
  return Number(total)
}

export const readTotal = async (file: string): Promise<number> => totalOf(await readFile(file, 'utf8'))

/** Instructions per request: what a longer run has more than a shorter one, so that start and end of the process do not count. Pure. */
export function perRequest(shorter: Count, longer: Count): number {
  return Math.round((longer.instructions - shorter.instructions) / (longer.requests - shorter.requests))
}
