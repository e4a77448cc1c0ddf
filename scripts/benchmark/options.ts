// The command line of scripts/bench.
import { Command, InvalidArgumentError } from 'commander'
import { resolve } from 'node:path'
import { rowNames, type RowName } from './rows.ts'
import type { Load } from './wrk.ts'

export type Options = Readonly<{ rounds: number; load: Load; rows: readonly RowName[]; json?: string; wsgid: string }>

/** Reads the options; prints the help or an error and ends the process where commander does. */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('scripts/bench')
    .description('Measures hello-world through wsgid and its peers, interleaved, on this machine. Needs root.')
    .option('--rounds <n>', 'how often each server is measured', parseCount, 5)
    .option('--seconds <n>', 'length of one measurement', parseCount, 5)
    .option('--connections <n>', 'keep-alive connections', parseCount, 32)
    .option('--threads <n>', 'threads of wrk', parseCount, 1)
    .option('--rows <names>', `servers, of ${rowNames.join(',')}; the first is the base of the ratios`, parseRows, [
      ...rowNames,
    ])
    .option('--json <file>', 'also write every sample, machine and versions to this file')
    .option('--wsgid <program>', 'another bin/wsgid to measure', 'bin/wsgid')
    .parse(argv, { from: 'user' })
  const { seconds, connections, threads, ...rest } = command.opts<
    Load & { rounds: number; rows: RowName[]; json?: string; wsgid: string }
  >()
  return { ...rest, wsgid: resolve(rest.wsgid), load: { seconds, connections, threads } }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 to 99999')
  return Number(text)
}

function parseRows(text: string): RowName[] {
  return text.split(',').map((name) => {
    const row = rowNames.find((known) => known === name)
    if (row === undefined) throw new InvalidArgumentError(`"${name}" is none of ${rowNames.join(', ')}`)
    return row
  })
}
