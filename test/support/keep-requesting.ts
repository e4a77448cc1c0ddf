// Load that counts what becomes of every request, by kind, so that "no request failed" is a comparison with zero.
import { Agent } from 'node:http'
import { request, type RequestOptions } from './http.ts'
import { atEnd } from './test.ts'

export type LoadOptions = Readonly<{
  connections?: number
  /** Reuse connections; default true. */
  keepAlive?: boolean
  /** Whether an answered body is right; default: any. */
  isRight?: (body: string) => boolean
  send?: Omit<RequestOptions, 'agent'>
}>

export type Outcomes = {
  /** 200 with the right body. */
  ok: number
  /** 200 with another body. */
  wrong: number
  /** Any other status: "502" → how many. */
  statuses: Record<string, number>
  /** No answer, or not a whole one: "ECONNRESET" → how many. */
  errors: Record<string, number>
  /** The longest that a request took, in milliseconds. */
  slowestMs: number
}

export type Load = Readonly<{ stop: () => Promise<Outcomes>; soFar: () => Outcomes }>

/** Requests a URL over so many connections at once, again and again, until it is stopped or the test ends. */
export function keepRequesting(url: string, options: LoadOptions = {}): Load {
  const { connections = 4, keepAlive = true } = options
  const outcomes: Outcomes = { ok: 0, wrong: 0, statuses: {}, errors: {}, slowestMs: 0 }
  let going = true
  const agent = new Agent({ keepAlive, maxSockets: connections })
  const lanes = Array.from({ length: connections }, async () => {
    while (going) await requestOnce(url, { ...options, agent }, outcomes)
  })
  const stop = async () => {
    going = false
    await Promise.all(lanes)
    agent.destroy()
    return outcomes
  }
  atEnd(async () => {
    await stop()
  })
  return { stop, soFar: () => structuredClone(outcomes) }
}

async function requestOnce(url: string, options: LoadOptions & { agent: Agent }, outcomes: Outcomes): Promise<void> {
  const begun = performance.now()
  try {
    const { status, text } = await request(url, { ...options.send, agent: options.agent })
    if (status !== 200) tally(outcomes.statuses, String(status))
    else if (options.isRight?.(text) ?? true) outcomes.ok += 1
    else outcomes.wrong += 1
  } catch (error) {
    tally(outcomes.errors, error instanceof Error && 'code' in error ? String(error.code) : String(error))
  }
  outcomes.slowestMs = Math.max(outcomes.slowestMs, performance.now() - begun)
}

function tally(counts: Record<string, number>, kind: string): void {
  counts[kind] = (counts[kind] ?? 0) + 1
}
