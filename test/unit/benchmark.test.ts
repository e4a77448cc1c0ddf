// The benchmark's reading and reckoning; the measurements themselves are made by scripts/bench.
import { describe, expect, test } from '@jest/globals'
import { median, summarize } from '../../scripts/benchmark/summary.ts'
import { parseReport, type Sample } from '../../scripts/benchmark/wrk.ts'

const clean = `Running 2s test @ http://127.0.0.1:8080/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.02ms  399.98us   9.17ms   86.50%
    Req/Sec    31.91k     2.94k   35.21k    85.99%
  Latency Distribution
     50%    0.98ms
     75%    1.18ms
     90%  950.00us
     99%    1.50s
  63489 requests in 2.00s, 9.08MB read
Requests/sec:  31737.37
Transfer/sec:      4.54MB
`

describe('a report of wrk', () => {
  test('is read with latencies in milliseconds', () => {
    expect(parseReport(clean)).toEqual({
      requestsPerSecond: 31737.37,
      p50: 0.98,
      p99: 1500,
      requests: 63489,
      failed: 0,
    })
  })

  test('counts socket errors and bad statuses as failed', () => {
    const failing = `${clean}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 100\n`
    expect(parseReport(failing).failed).toBe(110)
  })

  test('of another form is an error, not a clean run', () => {
    expect(() => parseReport('unable to connect to 127.0.0.1:1 Connection refused')).toThrow('no Requests')
  })
})

describe('the summary of rounds', () => {
  const sample = (requestsPerSecond: number): Sample => ({ requestsPerSecond, p50: 1, p99: 2, requests: 10, failed: 1 })
  const seriesOf = (...speeds: number[]) => ({ title: 'a server', samples: speeds.map(sample) })

  test('compares round by round, so that a disturbed round counts for both', () => {
    const summary = summarize(seriesOf(300, 30, 330), seriesOf(100, 10, 110))
    expect(summary).toMatchObject({ ratio: 3, median: 300, lowest: 30, highest: 330, requests: 30, failed: 3 })
  })

  test('takes the mean of the middle two of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})
