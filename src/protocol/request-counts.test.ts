import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  addCounts,
  countEnd,
  countLatency,
  countQueueing,
  COUNTS_LENGTH,
  emptyCounts,
  END_CAUSES,
  endsOf,
  LATENCY_BOUNDS,
  latenciesOf,
  latencyQuantile,
  latencySumOf,
  queueingOf,
} from './request-counts.ts'

function latencies(...milliseconds: readonly number[]): Float64Array {
  const counts = emptyCounts()
  for (const each of milliseconds) countLatency(counts, each)
  return counts
}

test.each([
  [200, '2xx'],
  [304, '3xx'],
  [404, '4xx'],
  [599, '5xx'],
  [100, 'other'],
  [600, 'other'],
  [999, 'other'],
  [0, 'none'],
])('an end with status %i counts as %s, under its cause', (status, expected) => {
  const counts = emptyCounts()
  countEnd(counts, status, END_CAUSES.indexOf('cut'))
  const ends = endsOf(counts).filter(({ count }) => count > 0)
  expect(ends).toEqual([{ status: expected, cause: 'cut', count: 1 }])
})

test('a latency counts in the first bucket whose bound it does not exceed, and in the sum', () => {
  const counts = latencies(0, 0.5, 0.51, 1, 300_000, 300_000.1)
  const buckets = latenciesOf(counts)
  expect(buckets.slice(0, 3)).toEqual([2, 2, 0])
  expect(buckets.slice(-2)).toEqual([1, 1])
  expect(latencySumOf(counts)).toBeCloseTo(600_002.11)
})

test('counts of several routers add up, each number in its place, and can be taken off again', () => {
  const one = latencies(4)
  countEnd(one, 200, 0)
  countQueueing(one, 7)
  const row = Array.from({ length: COUNTS_LENGTH }, (_, place) => place)
  const sum = addCounts(addCounts(emptyCounts(), row), one)
  expect(Array.from(addCounts(sum.slice(), one, -1))).toEqual(row)
  expect(queueingOf(one)).toEqual({ requests: 1, milliseconds: 7 })
  expect(endsOf(one).reduce((total, { count }) => total + count, 0)).toBe(1)
  expect(latenciesOf(one).reduce((total, count) => total + count, 0)).toBe(1)
})

test('a quantile lies in proportion between the bounds of its bucket', () => {
  expect(latencyQuantile(emptyCounts(), 0.5)).toBeNull()
  expect(latencyQuantile(latencies(4, 4, 4, 4), 0.5)).toBe(4)
  expect(latencyQuantile(latencies(1, 1, 1, 90), 0.75)).toBe(1)
  expect(latencyQuantile(latencies(1, 1, 1, 90), 0.99)).toBeCloseTo(70 + 30 * 0.96)
  expect(latencyQuantile(latencies(999_999), 0.5)).toBe(300_000)
})

test('a quantile is never further from the true one than the bounds of its bucket', () => {
  const some = fc.array(fc.double({ min: 0, max: 250_000, noNaN: true }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(some, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const sorted = all.toSorted((a, b) => a - b)
      const exact = sorted[Math.ceil(share * all.length - 1e-9) - 1] ?? 0
      const place = LATENCY_BOUNDS.findIndex((bound) => exact <= bound)
      const told = latencyQuantile(latencies(...all), share) ?? -1
      expect(told).toBeGreaterThanOrEqual(LATENCY_BOUNDS[place - 1] ?? 0)
      expect(told).toBeLessThanOrEqual(LATENCY_BOUNDS[place] ?? 0)
    }),
  )
})
