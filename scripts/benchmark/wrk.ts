// Runs wrk against one URL and reads its report.
import { execa } from 'execa'

/** One measurement. Latencies in milliseconds; `failed` counts socket errors and answers other than 2xx or 3xx. */
export type Sample = Readonly<{ requestsPerSecond: number; p50: number; p99: number; requests: number; failed: number }>

export type Load = Readonly<{ seconds: number; connections: number; threads: number }>

/** Loads `url` over keep-alive connections for some seconds. */
export async function runWrk(url: string, load: Load, signal: AbortSignal): Promise<Sample> {
  const args = [
    `-t${load.threads}`,
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    '--latency',
    '--timeout',
    '10s',
    url,
  ]
  const { stdout } = await execa('wrk', args, { cancelSignal: signal })
  return parseReport(stdout)
}

/**
 * Reads what `wrk --latency` prints.
 *
 * @throws when a figure is missing: a report of another form must not pass for zero failures
 */
export function parseReport(text: string): Sample {
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  const badStatus = /Non-2xx or 3xx responses: (\d+)/.exec(text)
  const failures = [...(socketErrors?.slice(1) ?? []), badStatus?.[1] ?? '0'].map(Number)
  return {
    requestsPerSecond: Number(figure(text, /Requests\/sec:\s+([\d.]+)/)),
    p50: parseTime(figure(text, /^\s+50%\s+(\S+)/m)),
    p99: parseTime(figure(text, /^\s+99%\s+(\S+)/m)),
    requests: Number(figure(text, /(\d+) requests in /)),
    failed: failures.reduce((sum, count) => sum + count, 0),
  }
}

function figure(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`wrk: no ${pattern.source} in its report:\n${text}`)
  return found
}

const unitsInMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1_000, m: 60_000 }

function parseTime(text: string): number {
  const [, value, unit] = /^([\d.]+)([a-z]+)$/.exec(text) ?? []
  const factor = unitsInMs[unit ?? '']
  if (value === undefined || factor === undefined) throw new Error(`wrk: ${text} is no time`)
  return Number(value) * factor
}
