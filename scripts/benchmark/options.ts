// The command line of scripts/bench.
import { Command, InvalidArgumentError } from 'commander'
import { resolve } from 'node:path'
import { defaultRows, rowNames, type RowName } from './rows.ts'
import { scenarioNames, type ScenarioName } from './scenarios.ts'

/** `seconds`: of one measurement under load. `rows` without repetition, in the order given; `scenarios` in the order of measurement. */
export type Options = Readonly<{
  rounds: number
  seconds: number
  rows: readonly RowName[]
  scenarios: readonly ScenarioName[]
  bounds: boolean
  json?: string
  wsgid: string
}>

type Given = Readonly<{
  rounds?: number
  seconds?: number
  rows?: RowName[]
  scenarios: ScenarioName[]
  bounds: boolean
  quick: boolean
  json?: string
  wsgid: string
}>

const full = { rounds: 5, seconds: 1 } as const
const quick = { rounds: 1, seconds: 1 } as const

/** Reads the options; prints the help or an error and ends the process where commander does. */
export function parseOptions(argv: readonly string[]): Options {
  const command = new Command('scripts/bench')
    .description('Measures wsgid and its peers, interleaved, on this machine. Needs root.')
    .option('--scenarios <names>', `what is measured, of ${scenarioNames.join(',')}`, parseScenarios, scenarioNames)
    .option('--rows <names>', `servers, of ${rowNames.join(',')}; the first is a base of the ratios`, parseRows)
    .option('--rounds <n>', `how often each server is measured (default: ${full.rounds})`, parseCount)
    .option('--seconds <n>', `length of one measurement under load (default: ${full.seconds})`, parseCount)
    .option('--quick', 'one round of one second, unless told otherwise: does everything work?', false)
    .option('--bounds', 'also measure what no server of this kind can be faster than', false)
    .option('--json <file>', 'also write every sample, machine and versions to this file')
    .option('--wsgid <program>', 'another bin/wsgid to measure', 'bin/wsgid')
    .parse(argv, { from: 'user' })
  const given = command.opts<Given>()
  return {
    ...(given.quick ? quick : full),
    ...given,
    rows: given.rows ?? defaultRows(given.bounds),
    wsgid: resolve(given.wsgid),
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1 to 9999')
  return Number(text)
}

const parseRows = (text: string): RowName[] => parseNames(text, rowNames)

function parseScenarios(text: string): ScenarioName[] {
  const wanted = parseNames(text, scenarioNames)
  return scenarioNames.filter((name) => wanted.includes(name))
}

function parseNames<Name extends string>(text: string, known: readonly Name[]): Name[] {
  const names = text.split(',').map((name) => {
    const found = known.find((one) => one === name)
    if (found === undefined) throw new InvalidArgumentError(`"${name}" is none of ${known.join(', ')}`)
    return found
  })
  return [...new Set(names)]
}
