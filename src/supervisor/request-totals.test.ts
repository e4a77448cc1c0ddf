import { expect, test } from '@jest/globals'
import { countEnd, emptyCounts, endsOf } from '../protocol/request-counts.ts'
import type { RouterGroupReport } from '../protocol/supervision.ts'
import { RequestTotals } from './request-totals.ts'

function report(group: string, requests: number): RouterGroupReport {
  const counts = emptyCounts()
  for (let each = 0; each < requests; each += 1) countEnd(counts, 200, 0)
  const since = Array.from(counts)
  return { group, queue: 0, requests, statistics: { since, recent: since, recentSeconds: 1 } }
}

function requests(totals: RequestTotals, group: string): number {
  return endsOf(totals.of(group)).reduce((sum, { count }) => sum + count, 0)
}

test('routers add up, and a newer report takes the place of the older', () => {
  const totals = new RequestTotals()
  totals.heard(1, [report('a', 3), report('b', 1)])
  totals.heard(2, [report('a', 4)])
  totals.heard(1, [report('a', 5), report('b', 1)])
  expect(requests(totals, 'a')).toBe(9)
  expect(requests(totals, 'b')).toBe(1)
  expect(requests(totals, 'c')).toBe(0)
})

test('a total does not fall when a router ends and its successor begins at zero', () => {
  const totals = new RequestTotals()
  totals.heard(1, [report('a', 3)])
  totals.ended(1)
  expect(requests(totals, 'a')).toBe(3)
  totals.heard(2, [{ group: 'a', queue: 0, requests: 0, statistics: null }])
  totals.heard(2, [report('a', 2)])
  totals.ended(2)
  totals.heard(3, [report('a', 1)])
  expect(requests(totals, 'a')).toBe(6)
})

test('a group that was removed and comes back begins anew', () => {
  const totals = new RequestTotals()
  totals.heard(1, [report('a', 3)])
  totals.ended(1)
  totals.heard(2, [report('a', 4), report('b', 1)])
  totals.forget('a')
  expect(requests(totals, 'a')).toBe(0)
  expect(requests(totals, 'b')).toBe(1)
})
