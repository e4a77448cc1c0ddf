// Runs wrk with one kind of request and reads its report.
import { execa } from 'execa'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from '../workspace.ts'
import type { Request } from './request.ts'

/** What wrk tells. Latencies in milliseconds; `failed` counts socket errors and answers other than 2xx or 3xx. */
export type Report = Readonly<{ requestsPerSecond: number; p50: number; p99: number; requests: number; failed: number }>

/** `url` is the server's; the request says the path. */
export type Load = Readonly<{
  workspace: Workspace
  url: string
  request: Request
  connections: number
  seconds: number
  signal: AbortSignal
}>

/** Loads a server for some seconds. */
export async function runWrk({ workspace, url, request, connections, seconds, signal }: Load): Promise<Report> {
  const script = join(workspace.directory, 'request.lua')
  await writeFile(script, luaOf(request))
  const args = ['-t1', `-c${connections}`, `-d${Math.ceil(seconds)}s`, '--latency', '--timeout', '10s']
  args.push('--script', script, new URL(request.path, url).href)
  const { stdout } = await execa('wrk', args, { cancelSignal: signal })
  return parseReport(stdout)
}

/** The script that has wrk send the request. */
export function luaOf({ body, close = false }: Request): string {
  const lines = close ? ['wrk.headers["Connection"] = "close"'] : []
  if (body !== undefined) lines.push('wrk.method = "POST"', `wrk.body = "${body}"`)
  return lines.join('\n')
}

/**
 * Reads what `wrk --latency` prints.
 *
 * @throws when a figure is missing: a report of another form must not pass for zero failures
 */
export function parseReport(text: string): Report {
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
