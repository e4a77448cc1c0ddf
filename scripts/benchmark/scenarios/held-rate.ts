// Latency at the same rate for all: half of what the fastest peer takes.
import { checkAnswer } from '../load/request.ts'
import { holdRate } from '../load/h2load.ts'
import { runWrk } from '../load/wrk.ts'
import type { Context, Lane, Scenario } from '../scenario.ts'
import { p50Column, p99Column } from './columns.ts'
import { hello } from './hello.ts'

const CALIBRATION_CONNECTIONS = 32

/** A server that cannot keep the rate shows by what it reached. */
export const heldRate: Scenario = {
  title: 'Latency of hello-world at half of the fastest peer’s requests/s, sent at a constant rate',
  site: 'plain',
  columns: [
    p99Column,
    p50Column,
    { key: 'rate', title: 'requests/s reached', digits: 0 },
    { key: 'asked', title: 'asked', digits: 0 },
  ],
  better: 'lower',
  lasts: (seconds) => seconds + 0.5,
  begin: async ({ server }, { signal }) => checkAnswer((await server()).url, hello, signal),
  calibrate: halfOfTheBest,
  measure: async ({ server }, context, rate) => {
    const { url } = await server()
    const { requests, failed, requestsPerSecond, p50, p99 } = await holdRate({ ...context, url, rate })
    return { figures: { p50, p99, rate: requestsPerSecond, asked: rate }, requests, failed }
  },
}

/** Of the peers; without one, of all. */
async function halfOfTheBest(lanes: readonly Lane[], context: Context): Promise<number> {
  const peers = lanes.filter(({ row }) => row.kind === 'peer')
  const rates: number[] = []
  for (const { server } of peers.length > 0 ? peers : lanes) {
    const { url } = await server()
    const report = await runWrk({ ...context, url, request: hello, connections: CALIBRATION_CONNECTIONS })
    rates.push(report.requestsPerSecond)
  }
  return Math.max(...rates) / 2
}
