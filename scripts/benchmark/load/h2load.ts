// Runs h2load, which can hold a rate, and reads the log of its requests. (wrk2 is not in Debian; h2load prints no percentiles.)
import { execa } from 'execa'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../workspace.ts'

/** Latencies in milliseconds; `requestsPerSecond` is what came of the rate. */
export type Held = Readonly<{ requestsPerSecond: number; p50: number; p99: number; requests: number; failed: number }>

type Load = Readonly<{ workspace: Workspace; url: string; rate: number; seconds: number; signal: AbortSignal }>

/**
 * h2load looks at the clock a hundred times a second: a connection with a higher rate would send its requests in bunches.
 * More connections than this need more than one process has descriptors for.
 */
const RATE_OF_CONNECTION = 90
const MOST_CONNECTIONS = 512

/** How many connections hold `rate` requests per second evenly. Pure. */
export const connectionsFor = (rate: number): number =>
  Math.min(MOST_CONNECTIONS, Math.max(8, Math.ceil(rate / RATE_OF_CONNECTION)))

/** GETs `url` at `rate` requests per second. A connection whose answer is late sends its next request late. */
export async function holdRate({ workspace, url, rate, seconds, signal }: Load): Promise<Held> {
  const log = join(workspace.directory, 'h2load.log')
  await rm(log, { force: true })
  const connections = connectionsFor(rate)
  const args = ['--h1', `--clients=${connections}`, `--rps=${rate / connections}`, `--duration=${Math.ceil(seconds)}`]
  await execa('h2load', [...args, `--log-file=${log}`, url], { cancelSignal: signal })
  return summarizeLog(await readFile(log, 'utf8'), seconds)
}

/** Reads lines of start in µs since the epoch, status and µs until the end of the response. Pure. @throws without a line */
export function summarizeLog(text: string, seconds: number): Held {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split('\t').map(Number))
  const times = lines.map((fields) => (fields[2] ?? Number.NaN) / 1_000).sort((a, b) => a - b)
  if (!times.every(Number.isFinite)) throw new Error(`h2load: a log of another form: ${text.slice(0, 200)}`)
  const at = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? Number.NaN
  const failed = lines.filter(([, status]) => status !== 200).length
  return {
    requestsPerSecond: times.length / Math.ceil(seconds),
    p50: at(0.5),
    p99: at(0.99),
    requests: times.length,
    failed,
  }
}
