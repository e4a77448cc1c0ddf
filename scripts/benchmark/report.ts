// How a run is shown: a Markdown table for each scenario, one JSON document for comparison.
import type { Alone } from './bounds/application-alone.ts'
import type { Machine } from './machine.ts'
import type { Outcome } from './measure.ts'
import { scenarios } from './scenarios.ts'
import { summarizeAll, type Summary } from './summary.ts'
import { shape, workerAccount } from './workspace.ts'

/** `alone`: nothing, unless bounds were asked for. */
export type Run = Readonly<{
  machine: Machine
  rounds: number
  seconds: number
  outcomes: readonly Outcome[]
  alone: readonly Alone[]
}>

/** Renders the tables and the conditions under which their figures hold. */
export function renderMarkdown(run: Run): string {
  const alone = run.alone.length === 0 ? [] : [renderAlone(run.alone)]
  return [renderConditions(run), ...run.outcomes.map(renderOutcome), ...alone].join('\n\n')
}

/** Renders the run with every sample, the machine and the versions. */
export function renderJson(run: Run): string {
  const outcomes = run.outcomes.map((one) => ({ ...one, summaries: summarizeAll(one.series, scenarios[one.scenario]) }))
  return `${JSON.stringify({ ...run, shape, outcomes }, null, 2)}\n`
}

/** Renders one scenario. A figure that could not be had is "–". */
export function renderOutcome({ scenario: name, series, troubles }: Outcome): string {
  const scenario = scenarios[name]
  const { columns, title } = scenario
  const [main, ...others] = columns
  const summaries = summarizeAll(series, scenario)
  const base = summaries[0]?.row.title ?? ''
  const compared = [main.title, 'lowest–highest', `÷ ${base}`, '÷ best peer']
  const head = ['stack', ...compared, ...others.map((column) => column.title), 'failed']
  const row = (summary: Summary): string[] => [
    summary.row.title,
    shown(summary.medians[main.key], main.digits),
    `${shown(summary.lowest, main.digits)}–${shown(summary.highest, main.digits)}`,
    shown(summary.toBase, 2),
    shown(summary.toBestPeer, 2),
    ...others.map(({ key, digits }) => shown(summary.medians[key], digits)),
    summary.failed === 0 ? '0' : `${summary.failed} of ${summary.requests}`,
  ]
  const notes = troubles.map(({ row: { title: stack }, why }) => `\n\n${stack}: ${why.split('\n')[0] ?? ''}`)
  return `### ${title} (\`${name}\`)\n\n${table([head, ...summaries.map(row)])}${notes.join('')}`
}

function renderAlone(all: readonly Alone[]): string {
  const rows = all.map(({ site, microseconds }) => [site, microseconds.toFixed(2)])
  return `### The application alone, called in a loop\n\n${table([['site', 'µs CPU a call'], ...rows])}`
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

function renderConditions({ machine, rounds, seconds }: Run): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `${shape.processes} processes × ${shape.threads} threads as ${workerAccount}, access logs off, clients on the same machine, ${rounds} interleaved ` +
      `rounds of ${seconds} s. Medians; a ratio is the median of the rounds' ratios, and above 1 is better.`,
    `${machine.cores} × ${machine.processor}, Linux ${machine.kernel}, wsgid at ${machine.commit}, ${machine.date}.`,
    `${versions.join(', ')}.`,
  ].join('\n')
}

const shown = (value: number | undefined, digits: number): string =>
  value === undefined || !Number.isFinite(value)
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
