// How a run is shown: a Markdown table for people, one JSON document for comparison.
import type { Machine } from './machine.ts'
import type { Series, Summary } from './summary.ts'
import { shape, workerAccount } from './workspace.ts'
import type { Load } from './wrk.ts'

export type Run = Readonly<{
  machine: Machine
  load: Load
  rounds: number
  series: readonly Series[]
  summaries: readonly Summary[]
}>

/** Renders the table and the conditions under which its figures hold. */
export function renderMarkdown(run: Run): string {
  const base = run.summaries[0]?.title ?? ''
  const header = `| stack | requests/s, median | lowest–highest | ÷ ${base} | p50 ms | p99 ms | requests | failed |`
  const lines = [header, '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |', ...run.summaries.map(renderRow)]
  return [...lines, '', renderConditions(run)].join('\n')
}

/** Renders the run with every sample, the machine and the versions. */
export const renderJson = (run: Run): string => `${JSON.stringify({ ...run, shape }, null, 2)}\n`

function renderRow(row: Summary): string {
  const speeds = [whole(row.median), `${whole(row.lowest)}–${whole(row.highest)}`, row.ratio.toFixed(2)]
  return `| ${[row.title, ...speeds, row.p50.toFixed(2), row.p99.toFixed(2), row.requests, row.failed].join(' | ')} |`
}

function renderConditions({ machine, load, rounds }: Run): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Hello-world, ${shape.processes} processes × ${shape.threads} threads as ${workerAccount}, access logs off, ` +
      `${load.connections} keep-alive connections, wrk -t${load.threads} on the same machine, ` +
      `${rounds} interleaved rounds of ${load.seconds} s.`,
    `${machine.cores} × ${machine.processor}, Linux ${machine.kernel}, wsgid at ${machine.commit}, ${machine.date}.`,
    `${versions.join(', ')}.`,
  ].join('\n')
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')
