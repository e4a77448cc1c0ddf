import { expect, test } from '@jest/globals'
import { endsOf, latencySumOf, queueingOf, type RequestCounts } from '../protocol/request-counts.ts'
import { RequestStatistics } from './request-statistics.ts'

const minute = 60_000

function total(counts: RequestCounts): number {
  return endsOf(counts).reduce((sum, { count }) => sum + count, 0)
}

/** Ends one request that took so long, the first millisecond of it in the queue. */
function end(statistics: RequestStatistics, now: number, milliseconds = 10): void {
  const arrivedAt = now - milliseconds
  statistics.count({ status: 200, arrivedAt, queuedAt: arrivedAt, sentAt: arrivedAt + 1 }, 'ok', now)
}

test('a request counts by status, cause, time and time in the queue', () => {
  const statistics = new RequestStatistics(0)
  expect(statistics.isEmpty).toBe(true)
  statistics.count({ status: 503, arrivedAt: 100, queuedAt: 120, sentAt: -1 }, 'timeout', 400)
  statistics.count({ status: 0, arrivedAt: 100, queuedAt: -1, sentAt: -1 }, 'client-gone', 150)
  expect(statistics.isEmpty).toBe(false)
  expect(endsOf(statistics.counts).filter(({ count }) => count > 0)).toEqual([
    { status: 'none', cause: 'client-gone', count: 1 },
    { status: '5xx', cause: 'timeout', count: 1 },
  ])
  expect(latencySumOf(statistics.counts)).toBe(350)
  expect(queueingOf(statistics.counts)).toEqual({ requests: 1, milliseconds: 280 })
})

test('the window of a young group begins with it', () => {
  const statistics = new RequestStatistics(1000)
  end(statistics, 2000)
  expect(statistics.recent(4000).seconds).toBe(3)
  expect(total(statistics.recent(4000).counts)).toBe(1)
})

test('what is older than a minute falls out of the window, and stays in the total', () => {
  const statistics = new RequestStatistics(0)
  end(statistics, 1)
  for (let now = 5000; now <= minute; now += 5000) statistics.mark(now)
  expect(total(statistics.recent(minute).counts)).toBe(1)
  statistics.mark(minute + 5000)
  end(statistics, minute + 6000)
  const recent = statistics.recent(minute + 9000)
  expect(recent.seconds).toBe(63)
  expect(total(recent.counts)).toBe(1)
  expect(latencySumOf(recent.counts)).toBe(10)
  expect(total(statistics.counts)).toBe(2)
})

test('the window keeps its length however long it goes on, with pauses too', () => {
  const statistics = new RequestStatistics(0)
  for (let second = 5; second <= 3600; second += 5) {
    if (second % 60 < 30) end(statistics, second * 1000)
    statistics.mark(second * 1000)
  }
  const recent = statistics.recent(3600_000)
  expect(recent.seconds).toBe(60)
  // At second 0 of this last minute, and at 5, 10, … 25 of the one before.
  expect(total(recent.counts)).toBe(6)
})

test('there is nothing to mark when nothing has ended in the window, and the next request finds it where it is then', () => {
  const statistics = new RequestStatistics(0)
  expect(statistics.isSettled).toBe(true)
  end(statistics, 1)
  expect(statistics.isSettled).toBe(false)
  for (let now = 5000; now <= minute + 10_000; now += 5000) statistics.mark(now)
  expect(statistics.isSettled).toBe(true)
  const hour = 60 * minute
  expect(statistics.recent(hour).seconds).toBe(60)
  expect(total(statistics.recent(hour).counts)).toBe(0)
  end(statistics, hour)
  const recent = statistics.recent(hour + 1000)
  expect(recent.seconds).toBe(61)
  expect([total(recent.counts), total(statistics.counts)]).toEqual([1, 2])
})
