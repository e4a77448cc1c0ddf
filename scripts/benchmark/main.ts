// The life of one benchmark run: packages, servers, rounds, report. Started by scripts/bench.
import { writeFile } from 'node:fs/promises'
import { installMissing } from '../servers/packages.ts'
import { measureAlone } from './bounds/application-alone.ts'
import { estimateSeconds, limitSeconds } from './duration.ts'
import { describeMachine } from './machine.ts'
import { measureScenario, type Outcome } from './measure.ts'
import { parseOptions, type Options } from './options.ts'
import { renderJson, renderMarkdown, type Run } from './report.ts'
import { rowsWith, type Row } from './rows.ts'
import type { Context, Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { Servers } from './servers.ts'
import { makeWorkspace } from './workspace.ts'

const clients = ['wrk', 'nghttp2-client', 'curl', 'python3-django']
const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)))
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)))
} catch (error) {
  // An error by the interruption says only that something was interrupted.
  const cause: unknown = interruption.signal.aborted ? interruption.signal.reason : error
  process.stderr.write(`wsgid: benchmark: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  process.exitCode = 1
}

async function main(options: Options): Promise<number> {
  if (process.geteuid?.() !== 0)
    throw new Error('the servers switch to www-data, which only root can do; run it as root')
  const known = rowsWith(options.wsgid)
  const rows = options.rows.map((name) => known[name])
  const packages = [...new Set([...rows.flatMap((row) => row.packages), ...clients])]
  await installMissing(packages)
  const estimate = estimateSeconds(options, rows)
  process.stderr.write(`About ${Math.ceil(estimate / 60)} minutes.\n`)
  const limit = setTimeout(() => interruption.abort(new Error('takes far too long')), limitSeconds(estimate) * 1_000)
  try {
    const measured = await measure(rows, options)
    const { rounds, seconds } = options
    const run: Run = { machine: await describeMachine(packages), rounds, seconds, ...measured }
    process.stdout.write(`${renderMarkdown(run)}\n`)
    if (options.json !== undefined) await writeFile(options.json, renderJson(run))
    return failUnlessClean(run.outcomes)
  } finally {
    clearTimeout(limit)
  }
}

async function measure(rows: readonly Row[], options: Options): Promise<Pick<Run, 'outcomes' | 'alone'>> {
  const { signal } = interruption
  const workspace = await makeWorkspace()
  const servers = new Servers(workspace, signal)
  const context: Context = { workspace, program: options.wsgid, seconds: options.seconds, signal }
  try {
    const outcomes: Outcome[] = []
    for (const name of options.scenarios)
      outcomes.push(await measureScenario(name, rows, { servers, context, rounds: options.rounds }))
    return { outcomes, alone: options.bounds ? await measureAlone(context) : [] }
  } finally {
    await servers.stop()
    await workspace.remove()
  }
}

/** A server that drops requests must not look fast by it. */
function failUnlessClean(outcomes: readonly Outcome[]): number {
  const complaints = outcomes.flatMap(complaintsAbout)
  for (const complaint of complaints) process.stderr.write(`wsgid: benchmark: ${complaint}\n`)
  return complaints.length === 0 ? 0 : 1
}

function complaintsAbout({ scenario: name, series, troubles }: Outcome): string[] {
  const { peersMayFail = false }: Scenario = scenarios[name]
  const failing = series.flatMap(({ row, samples }) => {
    const failed = samples.reduce((sum, sample) => sum + sample.failed, 0)
    if (failed === 0 || (peersMayFail && row.kind === 'peer')) return []
    return [`${name}: ${row.title}: ${failed} failed requests`]
  })
  return [...troubles.map(({ row, why }) => `${name}: ${row.title}: ${why}`), ...failing]
}
