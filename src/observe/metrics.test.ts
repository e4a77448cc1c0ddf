// Names, labels and text of the metrics; that a kept parser reads them is tested with a real server, in test/e2e/metrics.test.ts.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { countEnd, countLatency, countQueueing, emptyCounts, END_CAUSES } from '../protocol/request-counts.ts'
import { metricDefinitions } from './metric-definitions.ts'
import { samplesOf } from './metric-samples.ts'
import { formatFor, type MetricsFormat } from './metrics-format.ts'
import { renderMetrics } from './metrics-text.ts'
import type { GroupMetrics, ServerMetrics, WorkerMetrics } from './server-metrics.ts'

const usage = { cpuSeconds: 1.5, residentBytes: 4096, descriptors: 9, sockets: 3 }
const startedAt = new Date('2026-01-01T00:00:00.000Z')

const aWorker: WorkerMetrics = {
  ...{ applicationGroup: '', slot: 1, state: 'ready', generation: 3, startedAt, active: 2, usage },
  ended: [0, 0, 40, 0, 1, 2],
}

function counted(...milliseconds: readonly number[]): Float64Array {
  const counts = emptyCounts()
  for (const each of milliseconds) {
    countEnd(counts, 200, END_CAUSES.indexOf('ok'))
    countLatency(counts, each)
    countQueueing(counts, 1)
  }
  countEnd(counts, 0, END_CAUSES.indexOf('client-gone'))
  return counts
}

const aGroup: GroupMetrics = {
  ...{ name: 'a', state: 'running', processes: 2, threads: 5, queue: 1, active: 2, workers: [aWorker] },
  counts: counted(0.4, 6, 800, 400_000),
  exits: new Map([['crash', 2]]),
}

const aServer: ServerMetrics = {
  ...{ version: '1.2.3', startedAt, isReady: true, usage, routersStarted: 4 },
  routers: [{ number: 4, isUp: false, connections: 7, usage }],
  groups: [aGroup],
}

async function text(server: ServerMetrics = aServer, format: MetricsFormat = 'openmetrics'): Promise<string> {
  return (await renderMetrics(samplesOf(server), format)).body
}

test('each metric that is defined is told', () => {
  const told = new Set([...samplesOf(aServer)].map(({ name }) => name))
  expect([...told].sort()).toEqual(Object.keys(metricDefinitions).sort())
})

test('of descriptors that nobody may look at their number is told, and not that none is a socket', () => {
  const unseen = { ...usage, sockets: null }
  const routers = aServer.routers.map((router) => ({ ...router, usage: unseen }))
  const groups = [{ ...aGroup, workers: [{ ...aWorker, usage: unseen }] }]
  const told = new Set<string>([...samplesOf({ ...aServer, routers, groups })].map(({ name }) => name))
  const lacking = Object.keys(metricDefinitions).filter((name) => !told.has(name))
  expect(lacking).toEqual(['wsgid_router_sockets', 'wsgid_worker_sockets'])
})

test('each sample has the labels of its definition, and no two are the same', () => {
  const seen = new Set<string>()
  const parts = [aWorker, { ...aWorker, applicationGroup: 'admin' }]
  for (const { name, labels } of samplesOf({ ...aServer, groups: [{ ...aGroup, workers: parts }] })) {
    expect(metricDefinitions[name].labels).toEqual(expect.arrayContaining(Object.keys(labels)))
    const key = `${name}${JSON.stringify(labels)}`
    expect(seen.has(key)).toBe(false)
    seen.add(key)
  }
})

test('requests are told by status and cause, those of usual ends also when there were none', async () => {
  const lines = (await text()).split('\n').filter((line) => line.startsWith('wsgid_requests_total'))
  expect(lines).toEqual(
    expect.arrayContaining([
      'wsgid_requests_total{group="a",status="none",cause="client-gone"} 1',
      'wsgid_requests_total{group="a",status="2xx",cause="ok"} 4',
      'wsgid_requests_total{group="a",status="5xx",cause="failed"} 0',
    ]),
  )
  expect(lines).toHaveLength(8)
})

test('the histogram is cumulative, in seconds, its bounds in canonical form', async () => {
  const lines = (await text()).split('\n').filter((line) => line.startsWith('wsgid_request_duration_seconds'))
  const bucket = (le: string, count: number): string =>
    `wsgid_request_duration_seconds_bucket{group="a",le="${le}"} ${count}`
  expect(lines).toEqual([
    ...['0.0005', '0.001', '0.002', '0.005'].map((le) => bucket(le, 1)),
    ...['0.01', '0.02', '0.05', '0.1', '0.2', '0.5'].map((le) => bucket(le, 2)),
    ...['1.0', '2.0', '5.0', '10.0', '30.0', '60.0', '300.0'].map((le) => bucket(le, 3)),
    bucket('+Inf', 4),
    'wsgid_request_duration_seconds_sum{group="a"} 400.8064',
    'wsgid_request_duration_seconds_count{group="a"} 4',
  ])
})

test('a worker is known by its slot, and by its application-group where that is not the main one', async () => {
  const other = { ...aWorker, applicationGroup: 'admin' }
  const told = await text({ ...aServer, groups: [{ ...aGroup, workers: [aWorker, other] }] })
  expect(told).toContain('wsgid_worker_requests_total{group="a",worker="1",status="5xx"} 2')
  expect(told).toContain('wsgid_worker_resident_memory_bytes{group="a",application_group="admin",worker="1"} 4096')
  expect(told).toContain('wsgid_workers{group="a",state="ready"} 2')
})

test('a process that is gone by the time it is looked at leaves its lines out', async () => {
  const told = await text({ ...aServer, usage: null, groups: [{ ...aGroup, workers: [{ ...aWorker, usage: null }] }] })
  expect(told).not.toMatch(/^wsgid_(worker|supervisor)_(cpu|resident|open)[^ ]* \d/m)
  expect(told).toContain('wsgid_worker_requests_active{group="a",worker="1"} 2')
})

test('OpenMetrics is told to those who ask for it, the older format to others', async () => {
  const prometheus = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'
  const open = await renderMetrics(samplesOf(aServer), formatFor(prometheus))
  expect(open.contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
  expect(open.body).toMatch(/^# TYPE wsgid_requests counter$/m)
  expect(open.body.endsWith('\n# EOF\n')).toBe(true)
  const plain = await renderMetrics(samplesOf(aServer), formatFor('*/*'))
  expect(plain.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(plain.body).toMatch(/^# TYPE wsgid_requests_total counter$/m)
})

test('docs/operations.md explains each metric, with its labels', () => {
  const docs = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const explained = new Map(
    [...docs.matchAll(/^\| `(wsgid_\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(([, name, type, labels]) => [
      name,
      { type, labels: [...(labels ?? '').matchAll(/`(\w+)`/g)].map(([, label]) => label) },
    ]),
  )
  const defined = Object.entries(metricDefinitions).map(([name, { type, labels }]) => [name, { type, labels }])
  expect(Object.fromEntries(explained)).toEqual(Object.fromEntries(defined))
})

test('the dashboard of Grafana draws nothing that does not exist', () => {
  const file = new URL('../../docs/examples/grafana-dashboard.json', import.meta.url)
  const dashboard = readFileSync(file, 'utf8')
  expect(() => void JSON.parse(dashboard)).not.toThrow()
  const drawn = new Set([...dashboard.matchAll(/wsgid_\w+/g)].map(([name]) => name))
  const told = Object.entries(metricDefinitions).flatMap(([name, { type }]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => `${name}${suffix}`) : [name],
  )
  expect([...drawn].filter((name) => !told.includes(name))).toEqual([])
  expect(drawn.size).toBeGreaterThan(15)
})
