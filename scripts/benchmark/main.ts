// The life of one benchmark run: packages, servers, rounds, report. Started by scripts/bench.
import { writeFile } from 'node:fs/promises'
import { installMissing } from '../servers/packages.ts'
import { describeMachine } from './machine.ts'
import { parseOptions, type Options } from './options.ts'
import { renderJson, renderMarkdown, type Run } from './report.ts'
import { rowsWith, type Row } from './rows.ts'
import type { Server } from '../servers/server.ts'
import { summarize, type Series } from './summary.ts'
import { makeWorkspace } from './workspace.ts'
import { runWrk, type Sample } from './wrk.ts'

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
  const packages = [...rows.flatMap((row) => row.packages), 'wrk']
  await installMissing(packages)
  const series = await measure(rows, options)
  const base = series[0]
  if (base === undefined) throw new Error('--rows names no server')
  const summaries = series.map((one) => summarize(one, base))
  const run: Run = {
    machine: await describeMachine(packages),
    load: options.load,
    rounds: options.rounds,
    series,
    summaries,
  }
  process.stdout.write(`${renderMarkdown(run)}\n`)
  if (options.json !== undefined) await writeFile(options.json, renderJson(run))
  return failUnlessClean(run)
}

/** Starts all servers, so that each round meets all of them within seconds, and stops them whatever happens. */
async function measure(rows: readonly Row[], options: Options): Promise<Series[]> {
  const workspace = await makeWorkspace()
  const servers: Server[] = []
  try {
    for (const row of rows) servers.push(await row.start(workspace, interruption.signal))
    const rounds: Sample[][] = []
    for (let round = 1; round <= options.rounds; round += 1) rounds.push(await measureRound(servers, options, round))
    return rows.map(({ title }, index) => ({ title, samples: rounds.flatMap((samples) => samples[index] ?? []) }))
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    await workspace.remove()
  }
}

async function measureRound(servers: readonly Server[], options: Options, round: number): Promise<Sample[]> {
  process.stderr.write(`round ${round} of ${options.rounds}`)
  const samples: Sample[] = []
  for (const server of servers) {
    // The first second warms up what a server, or a processor, does lazily: its speed is not counted.
    const { failed } = await runWrk(server.url, { ...options.load, seconds: 1 }, interruption.signal)
    const sample = await runWrk(server.url, options.load, interruption.signal)
    process.stderr.write(`  ${Math.round(sample.requestsPerSecond)}`)
    samples.push({ ...sample, failed: sample.failed + failed })
  }
  process.stderr.write('\n')
  return samples
}

function failUnlessClean({ summaries }: Run): number {
  const failing = summaries.filter((row) => row.failed > 0)
  for (const row of failing)
    process.stderr.write(`wsgid: benchmark: ${row.title}: ${row.failed} of ${row.requests} requests failed\n`)
  return failing.length === 0 ? 0 : 1
}
