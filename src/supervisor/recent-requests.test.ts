import { expect, test } from '@jest/globals'
import { countEnd, countLatency, emptyCounts, END_CAUSES } from '../protocol/request-counts.ts'
import type { RouterGroupStatistics } from '../protocol/supervision.ts'
import { recentRequests } from './recent-requests.ts'

/** @param ends status and milliseconds of each */
function counted(recentSeconds: number, ...ends: readonly (readonly [number, number])[]): RouterGroupStatistics {
  const counts = emptyCounts()
  for (const [status, milliseconds] of ends) {
    countEnd(counts, status, END_CAUSES.indexOf('ok'))
    countLatency(counts, milliseconds)
  }
  const recent = Array.from(counts)
  return { since: recent, recent, recentSeconds }
}

test('routers add up: rates each by its own window, latencies together', () => {
  const old = counted(60, ...Array.from({ length: 120 }, () => [200, 2] as const))
  const replaced = counted(10, ...Array.from({ length: 10 }, () => [502, 1000] as const))
  expect(recentRequests([old, replaced])).toEqual({
    seconds: 60,
    requests: 130,
    serverErrors: 10,
    requestsPerSecond: 3,
    p50Milliseconds: 1.77,
    p99Milliseconds: 961,
  })
})

test('a group that has just had its first request is not said to have hundreds a second', () => {
  expect(recentRequests([counted(0.01, [200, 1])]).requestsPerSecond).toBe(1)
})

test('without requests there is no latency', () => {
  expect(recentRequests([])).toMatchObject({ seconds: 0, requests: 0, p50Milliseconds: null })
  expect(recentRequests([counted(60)])).toMatchObject({ seconds: 60, requestsPerSecond: 0, p99Milliseconds: null })
})
