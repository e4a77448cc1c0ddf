// All workers are replaced while clients ask without pause.
import { setTimeout as sleep } from 'node:timers/promises'
import { runWrk, type Load, type Report } from '../load/wrk.ts'
import type { Context, Lane, Sample, Scenario } from '../scenario.ts'
import { p99Column, rateColumn } from './columns.ts'
import { hello } from './hello.ts'

const CONNECTIONS = 32
/** The restart comes after the first second; so much time is left for it. */
const LEAST_SECONDS = 4

/** The signal that each server documents for it; wsgid's is USR2, `wsgid restart`. */
export const rollingRestart: Scenario = {
  title: 'Restart of all workers while 32 connections ask for hello-world',
  site: 'plain',
  columns: [
    p99Column,
    { key: 'calm', title: 'p99 ms without it', digits: 2 },
    { key: 'times', title: 'ratio', digits: 2 },
    rateColumn,
  ],
  better: 'lower',
  atMost: 3,
  peersMayFail: true,
  isFor: ({ restart }) => restart !== undefined,
  lasts: (seconds) => seconds + Math.max(seconds, LEAST_SECONDS) + 1,
  measure,
}

async function measure({ row, server }: Lane, context: Context): Promise<Sample> {
  const running = await server()
  const load: Load = { ...context, url: running.url, request: hello, connections: CONNECTIONS }
  const calm = await runWrk(load)
  const restarting = runWrk({ ...load, seconds: Math.max(context.seconds, LEAST_SECONDS) })
  await sleep(1_000, undefined, { signal: context.signal })
  const [main] = running.roots
  if (main === undefined || row.restart === undefined) throw new Error(`${row.title}: nothing to send a signal to`)
  process.kill(main, row.restart)
  return sampleOf(calm, await restarting)
}

/** What fails while nothing is restarted is a failure as well. */
export function sampleOf(calm: Report, restarting: Report): Sample {
  const times = restarting.p99 / calm.p99
  return {
    figures: { p99: restarting.p99, calm: calm.p99, times, rate: restarting.requestsPerSecond },
    requests: calm.requests + restarting.requests,
    failed: calm.failed + restarting.failed,
  }
}
