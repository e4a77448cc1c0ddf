// What the status says of a group's requests of late, from what the routers have counted. Pure.
import type { RecentRequests } from '../control/status-document.ts'
import { addCounts, emptyCounts, endsOf, latencyQuantile, type RequestCounts } from '../protocol/request-counts.ts'
import type { RouterGroupStatistics } from '../protocol/supervision.ts'

const none: RecentRequests = {
  seconds: 0,
  requests: 0,
  serverErrors: 0,
  requestsPerSecond: 0,
  p50Milliseconds: null,
  p99Milliseconds: null,
}

/** A window that has just begun says nothing of a second. */
const shortestSeconds = 1

/** @param statistics what several routers have counted of the same group, and of its parts */
export function recentRequests(statistics: readonly RouterGroupStatistics[]): RecentRequests {
  if (statistics.length === 0) return none
  const counts = emptyCounts()
  let perSecond = 0
  for (const { recent, recentSeconds } of statistics) {
    addCounts(counts, recent)
    // A router that was replaced has a shorter window than the others.
    perSecond += requestsIn(recent) / Math.max(recentSeconds, shortestSeconds)
  }
  return {
    seconds: rounded(Math.max(...statistics.map(({ recentSeconds }) => recentSeconds))),
    requests: requestsIn(counts),
    serverErrors: requestsIn(counts, '5xx'),
    requestsPerSecond: rounded(perSecond),
    p50Milliseconds: quantile(counts, 0.5),
    p99Milliseconds: quantile(counts, 0.99),
  }
}

function requestsIn(counts: RequestCounts, wanted?: '5xx'): number {
  const ends = endsOf(counts).filter(({ status }) => wanted === undefined || status === wanted)
  return ends.reduce((sum, { count }) => sum + count, 0)
}

function quantile(counts: RequestCounts, share: number): number | null {
  const latency = latencyQuantile(counts, share)
  return latency === null ? null : rounded(latency)
}

const rounded = (value: number): number => Math.round(value * 100) / 100
