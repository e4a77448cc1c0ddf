// The benchmark's reading and reckoning; the measurements themselves are made by scripts/bench.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { estimateSeconds } from '../../scripts/benchmark/duration.ts'
import { connectionsFor, summarizeLog } from '../../scripts/benchmark/load/h2load.ts'
import { whileScraping } from '../../scripts/benchmark/load/scrape.ts'
import { luaOf, parseReport } from '../../scripts/benchmark/load/wrk.ts'
import { parseOptions } from '../../scripts/benchmark/options.ts'
import { descendants, parseStat } from '../../scripts/benchmark/processes.ts'
import { renderOutcome } from '../../scripts/benchmark/report.ts'
import { costPerRequest, divide, workersOf } from '../../scripts/benchmark/roles.ts'
import { rowsWith } from '../../scripts/benchmark/rows.ts'
import type { Sample } from '../../scripts/benchmark/scenario.ts'
import { sampleOf } from '../../scripts/benchmark/scenarios/rolling-restart.ts'
import { scenarioNames } from '../../scripts/benchmark/scenarios.ts'
import { participants } from '../../scripts/benchmark/measure.ts'
import { median, summarizeAll, type Series } from '../../scripts/benchmark/summary.ts'
import { eventually } from '../support/eventually.ts'

const rows = rowsWith('bin/wsgid')

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

  test('comes of the request that the scenario wants', () => {
    const expected = { body: '' }
    expect(luaOf({ path: '/', expected })).toBe('')
    expect(luaOf({ path: '/', close: true, expected })).toContain('wrk.headers["Connection"] = "close"')
    expect(luaOf({ path: '/', body: 'xx', expected })).toBe('wrk.method = "POST"\nwrk.body = "xx"')
  })
})

describe('metrics that are asked for under load', () => {
  let answer = '# HELP wsgid_up'
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    response.end(answer)
  })
  let url = ''
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/metrics`
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })

  test('are asked for while the load runs, whose result is told', async () => {
    const load = () => eventually('somebody asks', () => (asked > 0 ? 'the result' : undefined))
    expect(await whileScraping(url, load)).toBe('the result')
  })

  test('fail the measurement when they are none', async () => {
    answer = 'not found'
    await expect(whileScraping(url, () => Promise.resolve())).rejects.toThrow(/no metrics: not found/)
  })
})

test('a rolling restart counts what fails before the restart too', () => {
  const report = { ...parseReport(clean), p99: 3 }
  expect(sampleOf({ ...report, p99: 1, failed: 2 }, { ...report, failed: 3 })).toEqual({
    figures: { p99: 3, calm: 1, times: 3, rate: 31737.37 },
    requests: 2 * 63489,
    failed: 5,
  })
})

describe('a constant rate', () => {
  test('is held by connections whose own rate h2load can keep evenly', () => {
    expect(connectionsFor(9_000)).toBe(100)
    expect(connectionsFor(100)).toBe(8)
    expect(connectionsFor(1_000_000)).toBe(512)
  })

  test('is judged by each request, also those that failed', () => {
    const log = Array.from({ length: 100 }, (_, index) => `1700000000000000\t${index < 3 ? -1 : 200}\t${index}000`)
    const held = { requestsPerSecond: 50, p50: 49, p99: 98, requests: 100, failed: 3 }
    expect(summarizeLog(log.join('\n'), 2)).toEqual(held)
  })

  test('without a single answer is an error', () => {
    expect(() => summarizeLog('', 2)).toThrow('another form')
  })
})

describe('the summary of rounds', () => {
  const sample = (rate: number): Sample => ({ figures: { rate }, requests: 10, failed: 1 })
  const seriesOf = (name: 'apache' | 'gunicorn' | 'wsgid', ...rates: number[]): Series => ({
    row: rows[name],
    samples: rates.map(sample),
  })
  const faster = { columns: [{ key: 'rate', title: 'requests/s', digits: 0 }], better: 'higher' } as const
  const slower = { ...faster, better: 'lower' } as const

  test('compares round by round, so that a disturbed round counts for both', () => {
    const [, summary] = summarizeAll([seriesOf('apache', 100, 10, 110), seriesOf('wsgid', 300, 30, 330)], faster)
    expect(summary).toMatchObject({ toBase: 3, lowest: 30, highest: 330, requests: 30, failed: 3 })
    expect(summary?.medians).toEqual({ rate: 300 })
  })

  test('compares with the best of the peers, which is the one that is fastest, or lowest where less is better', () => {
    const all = [seriesOf('apache', 100), seriesOf('gunicorn', 200), seriesOf('wsgid', 400)]
    expect(summarizeAll(all, faster).map((one) => one.toBestPeer)).toEqual([0.5, 1, 2])
    expect(summarizeAll(all, slower).map((one) => one.toBestPeer)).toEqual([1, 0.5, 0.25])
  })

  test('has no ratio where there is nobody to compare with', () => {
    expect(summarizeAll([seriesOf('wsgid', 1)], faster)[0]?.toBestPeer).toBeNaN()
  })

  test('takes the mean of the middle two of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  test('is shown with what failed, what could not be measured, and who was in trouble', () => {
    const series = [{ row: rows.apache, samples: [{ figures: { speed: 1234.5 }, requests: 10, failed: 2 }] }]
    const text = renderOutcome({
      scenario: 'upload-256m',
      series,
      troubles: [{ row: rows.wsgid, why: 'no answer\nmore' }],
    })
    expect(text).toContain('| Apache event + mod_wsgi daemon mode | 1,235 | 1,235–1,235 | 1.00 | 1.00 | – | 2 of 10 |')
    expect(text).toMatch(/wsgid: no answer$/)
  })
})

describe('the processes of a server', () => {
  const found = (pid: number, parent: number, command: string, ticks = 0) => ({ pid, parent, ticks, command })
  const nginx = [found(10, 1, 'nginx: master'), found(11, 10, 'nginx: worker', 5)]
  const uwsgi = [found(20, 1, 'uWSGI master'), found(21, 20, 'uWSGI worker 1', 7), found(22, 20, 'uWSGI worker 2', 7)]
  const stranger = found(30, 1, 'uWSGI worker 1')

  test('are those that descend from what was started', () => {
    const pids = descendants([...nginx, ...uwsgi, stranger], [10, 20]).map(({ pid }) => pid)
    expect(pids).toEqual([10, 11, 20, 21, 22])
  })

  test('are divided into web server and application server, of which workers have no children', () => {
    const roles = divide(rows['nginx-uwsgi'], [...nginx, ...uwsgi])
    expect(roles.web.map(({ pid }) => pid)).toEqual([10, 11])
    expect(workersOf(roles).map(({ pid }) => pid)).toEqual([21, 22])
  })

  test('are known by a stat whose name has spaces and parentheses', () => {
    const fields = 'S 7 1 1 0 -1 0 0 0 0 0 30 12 0 0 20 0'
    expect(parseStat(`42 (a) (b c) ${fields}`)).toEqual({ pid: 42, parent: 7, ticks: 42 })
    expect(() => parseStat('42 (a)')).toThrow('another form')
  })

  test('cost CPU time per request, but for those that were not there before', () => {
    const before = { web: [found(1, 0, 'web', 100)], application: [found(2, 0, 'app', 50)] }
    const after = { web: [found(1, 0, 'web', 110)], application: [found(2, 0, 'app', 52), found(3, 0, 'app', 99)] }
    expect(costPerRequest(before, after, 1_000)).toEqual({ webCpu: 100, applicationCpu: 20, cpu: 120 })
    expect(costPerRequest(before, after, 0)).toEqual({})
  })
})

describe('a scenario', () => {
  const names = (scenario: 'hello-32' | 'hello-close' | 'on-demand' | 'restart'): string[] =>
    participants(scenario, Object.values(rows)).map(({ name }) => name)

  test('is measured with those rows that can take part', () => {
    expect(names('hello-32')).toEqual(Object.keys(rows))
    expect(names('hello-close')).not.toContain('uwsgi-http')
    expect(names('on-demand')).toEqual(['wsgid'])
    expect(names('restart')).not.toContain('passenger')
  })
})

describe('the options', () => {
  test('have a full run and a quick one, and what is given counts in both', () => {
    expect(parseOptions([])).toMatchObject({ rounds: 5, seconds: 1, bounds: false, scenarios: scenarioNames })
    expect(parseOptions(['--quick', '--seconds', '3'])).toMatchObject({ rounds: 1, seconds: 3 })
  })

  test('leave bounds out unless they are asked for', () => {
    expect(parseOptions([]).rows).not.toContain('node-http')
    expect(parseOptions(['--bounds']).rows).toContain('node-http')
  })

  test('keep the order of rows, whose first is the base, and measure scenarios in their own order', () => {
    const { rows: names, scenarios } = parseOptions(['--rows', 'wsgid,apache,wsgid', '--scenarios', 'sleep,hello-32'])
    expect(names).toEqual(['wsgid', 'apache'])
    expect(scenarios).toEqual(['hello-32', 'sleep'])
  })

  test('lead to a full run of a quarter of an hour and a quick one of two fifths of it', () => {
    const minutes = (argv: string[]): number => {
      const options = parseOptions(argv)
      return (
        estimateSeconds(
          options,
          options.rows.map((name) => rows[name]),
        ) / 60
      )
    }
    expect(minutes([])).toBeLessThan(16)
    expect(minutes(['--quick'])).toBeLessThan(6.5)
  })
})
