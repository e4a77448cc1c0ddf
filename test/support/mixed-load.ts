// Load of all sorts at once against the ledger application: kept and new connections, GET and POST with random bodies. What became of every
// request is told by kind, and each failure is kept with what is needed to find its cause.
import { createHash, randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { isRecord, request } from './http.ts'

export type MixedLoadOptions = Readonly<{
  /** Requests under way at a time over connections that are kept, default 16, and over a new one each, default 4. */
  kept?: number
  fresh?: number
  /** Default: both. */
  methods?: readonly ('GET' | 'POST')[]
  /** Added to each request, for example "&seconds=0.01". */
  query?: string
  /** How long a lane pauses between two requests; default: not at all. */
  pauseMs?: number
  /** What every id begins with, before its method: ids are told apart over several loads. */
  prefix?: string
}>

export type Failure = Readonly<{
  /** As the ledger has it. */
  id: string
  method: string
  /** "502", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "wrong body". */
  kind: string
  /** wsgid's id of the request, from the error page; null when there was none. */
  requestId: string | null
  /** Both by performance.now(). */
  begunAt: number
  endedAt: number
}>

export type MixedLoadReport = Readonly<{
  answered: number
  /** Kind of failure → how many; {} when nothing failed. */
  failed: Readonly<Record<string, number>>
  failures: readonly Failure[]
  /** pid → how many it answered. */
  pids: ReadonlyMap<number, number>
  /** What VERSION was in the answers. */
  versions: ReadonlySet<string>
  requestsPerSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
}>

/** `stop` may be called again; leaving the scope of `await using` stops the load too, also when the test has failed. */
export type MixedLoad = AsyncDisposable &
  Readonly<{ stop: () => Promise<MixedLoadReport>; soFar: () => MixedLoadReport }>

/** Longer than anything that a test lets the server wait for. */
const patienceMs = 30_000
/** Bodies are cut out of this, so that making them costs next to nothing. */
const noise = randomBytes(1 << 19)

/** Loads a URL of the ledger application until it is stopped. */
export function loadMixed(url: string, options: MixedLoadOptions = {}): MixedLoad {
  const { kept = 16, fresh = 4, methods = ['GET', 'POST'], query = '' } = options
  const agent = new Agent({ keepAlive: true, maxSockets: kept })
  const tally = new Tally()
  let going = true
  let number = 0
  const run = async (lane: Agent | undefined): Promise<void> => {
    while (going) {
      number += 1
      const method = methods[Math.floor(Math.random() * methods.length)] ?? 'GET'
      const id = `${options.prefix ?? ''}${method}-${number}`
      await requestOnce(url, { query, agent: lane, method, id }, tally)
      if (options.pauseMs !== undefined) await pause(options.pauseMs)
    }
  }
  const lanes = Array.from({ length: kept + fresh }, (_, lane) => run(lane < kept ? agent : undefined))
  const stop = async () => {
    going = false
    await Promise.all(lanes)
    agent.destroy()
    return tally.report()
  }
  return {
    stop,
    soFar: () => tally.report(),
    [Symbol.asyncDispose]: async () => {
      await stop()
    },
  }
}

class Tally {
  readonly #begun = performance.now()
  readonly #latencies: number[] = []
  readonly #pids = new Map<number, number>()
  readonly #versions = new Set<string>()
  readonly #failures: Failure[] = []

  answered(pid: number, version: string, milliseconds: number): void {
    this.#latencies.push(milliseconds)
    this.#pids.set(pid, (this.#pids.get(pid) ?? 0) + 1)
    this.#versions.add(version)
  }

  failed(failure: Failure): void {
    this.#failures.push(failure)
  }

  report(): MixedLoadReport {
    const sorted = [...this.#latencies].sort((a, b) => a - b)
    const percentile = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
    const failed: Record<string, number> = {}
    for (const { kind } of this.#failures) failed[kind] = (failed[kind] ?? 0) + 1
    const seconds = (performance.now() - this.#begun) / 1000
    return {
      answered: sorted.length,
      failed,
      failures: [...this.#failures],
      pids: new Map(this.#pids),
      versions: new Set(this.#versions),
      requestsPerSecond: Math.round(sorted.length / seconds),
      p50: percentile(0.5),
      p99: percentile(0.99),
    }
  }
}

type Errand = Readonly<{ query: string; agent: Agent | undefined; method: string; id: string }>

async function requestOnce(url: string, errand: Errand, tally: Tally): Promise<void> {
  const { id, agent, method, query } = errand
  const body = method === 'POST' ? randomBody() : Buffer.alloc(0)
  const begunAt = performance.now()
  const fail = (kind: string, requestId: string | null = null) =>
    tally.failed({ id, method, kind, requestId, begunAt, endedAt: performance.now() })
  try {
    const send = { method, timeoutMs: patienceMs, ...(agent && { agent }), ...(method === 'POST' && { body }) }
    const { status, text } = await request(`${url}?id=${id}${query}`, send)
    if (status !== 200) {
      fail(String(status), /Request id: <code>([^<]+)</.exec(text)?.[1] ?? null)
      return
    }
    const [answeredId, digest, pid, version] = text.split(' ')
    if (answeredId !== id || digest !== createHash('sha256').update(body).digest('hex')) fail('wrong body')
    else tally.answered(Number(pid), version ?? '', performance.now() - begunAt)
  } catch (error) {
    // Not `instanceof Error`: node's own errors are of another realm than a test's.
    fail(isRecord(error) && 'code' in error ? String(error['code']) : String(error))
  }
}

/** Mostly small; every twentieth is so large that the router streams it to the worker. */
function randomBody(): Buffer {
  const length = Math.floor(Math.random() * (Math.random() < 0.05 ? 300_000 : 4_000))
  const start = Math.floor(Math.random() * (noise.length - length))
  return noise.subarray(start, start + length)
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
