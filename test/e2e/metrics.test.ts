// Metrics and health as Prometheus, load balancers and operators get them: true, well-formed, bounded, and for those they are meant for.
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { metricDefinitions } from '../../src/observe/metric-definitions.ts'
import { aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/http.ts'
import { askAdmin, parserPackage, readMetrics, type Metrics } from '../support/metrics.ts'
import { startWsgid, writeConfiguration, type RunningWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile, installed, test } from '../support/test.ts'

const parser = { needs: [installed(parserPackage)] }
const wrk = '/usr/bin/wrk'

const groups = [
  aGroupAt('site', 'torture'),
  aGroupAt('busy', 'torture', { processes: 2, threads: 10 }),
  aGroupAt('lazy', 'torture', { start: 'on-demand' }),
  aGroupAt('broken', 'import-error'),
]
const config = { routers: 2, admin: { listen: '127.0.0.1:0' } }
const started = forTheFile(async () => {
  const server = await startWsgid({ groups, config, until: ({ state }) => state === 'running' })
  const status = await server.status()
  const { admin } = status
  if (admin === null) throw new Error('the status names no admin address')
  return { server, admin, status }
})

/** How often a request of a group ended so. */
const ended = (metrics: Metrics, group: string, labels: Readonly<Record<string, string>> = {}): number =>
  metrics.sum('wsgid_requests_total', { group, ...labels })

/** When all routers have answered in time, whatever else the machine does. */
function completeMetrics(admin: string): Promise<Metrics> {
  return eventually('both routers answer', async () => {
    const metrics = await readMetrics(admin)
    return metrics.sum('wsgid_router_up') === 2 ? metrics : undefined
  })
}

test(
  'a kept parser reads both formats, and finds every metric that is documented and no other',
  async () => {
    const { admin } = await started()
    const names = Object.entries(metricDefinitions).flatMap(([name, { type }]) =>
      type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
    )
    for (const format of ['openmetrics', 'text'] as const) {
      expect([...(await readMetrics(admin, format)).names].sort()).toEqual([...names].sort())
    }
    const { headers } = await askAdmin(admin, '/metrics', 'application/openmetrics-text')
    expect(headers['content-type']).toMatch(/^application\/openmetrics-text; version=1\.0\.0/)
  },
  parser,
)

test(
  'requests are counted by group, status, cause and worker',
  async () => {
    const { server, admin } = await started()
    const before = await completeMetrics(admin)
    for (let each = 0; each < 5; each += 1) await request(server.url('/site/echo'))
    await request(server.url('/site/any-status?status=404%20Gone%20Away'))
    await request(server.url('/site/raise-in-call'))
    await request(server.url('/broken/'))
    const after = await completeMetrics(admin)
    const more = (group: string, labels: Readonly<Record<string, string>>): number =>
      ended(after, group, labels) - ended(before, group, labels)
    expect(more('site', { status: '2xx', cause: 'ok' })).toBe(5)
    expect(more('site', { status: '4xx', cause: 'ok' })).toBe(1)
    expect(more('site', { status: '5xx', cause: 'failed' })).toBe(1)
    expect(more('broken', { status: '5xx', cause: 'failed' })).toBe(1)
    expect(more('lazy', {})).toBe(0)
    const worker = { group: 'site', worker: '0' }
    expect(after.sum('wsgid_worker_requests_total', worker)).toBe(ended(after, 'site'))
    expect(after.sum('wsgid_request_duration_seconds_count', { group: 'site' })).toBe(ended(after, 'site'))
    expect(after.sum('wsgid_worker_resident_memory_bytes', worker)).toBeGreaterThan(1 << 20)
    expect(after.sum('wsgid_worker_sockets', worker)).toBeGreaterThan(0)
    expect(after.of('wsgid_group_state').filter(([, , value]) => value === 1)).toEqual(
      expect.arrayContaining([
        ['wsgid_group_state', { group: 'site', state: 'running' }, 1],
        ['wsgid_group_state', { group: 'lazy', state: 'idle' }, 1],
        ['wsgid_group_state', { group: 'broken', state: 'failing' }, 1],
      ]),
    )
  },
  parser,
)

test('the status tells of each group how its requests went in the last minute', async () => {
  const { server } = await started()
  await request(server.url('/site/sleep?seconds=0.4'))
  await request(server.url('/site/raise-in-call'))
  // A router that does not answer in time is left out of a status.
  const { recent, idle } = await eventually('all routers have told of these requests', async () => {
    const { groups } = await server.status()
    const [recent, idle] = ['site', 'lazy'].map((name) => groups.find((group) => group.name === name)?.recent)
    return recent !== undefined && recent.requests >= 2 && recent.serverErrors >= 1 ? { recent, idle } : undefined
  })
  expect(recent.requestsPerSecond).toBeGreaterThan(0)
  expect(recent.seconds).toBeGreaterThan(0)
  expect(recent.p99Milliseconds).toBeGreaterThan(300)
  expect(idle).toMatchObject({ requests: 0, p50Milliseconds: null })
})

/** How many of these requests were answered within each bound, as a histogram has it. */
const within = (bounds: readonly number[], seconds: readonly number[]): readonly number[] =>
  bounds.map((bound) => seconds.filter((each) => each <= bound).length)

test(
  'no request is told to be quicker than its application or slower than its client saw it, in no bucket',
  async () => {
    const { server, admin } = await started()
    // Of twenty requests one is slow: the median and the 99th percentile are far apart.
    const sleeps = Array.from({ length: 60 }, (_, each) => (each % 20 === 19 ? 0.55 : 0.055))
    const before = await completeMetrics(admin)
    const seen: number[] = []
    const queue = [...sleeps]
    const client = async (): Promise<void> => {
      for (let seconds = queue.shift(); seconds !== undefined; seconds = queue.shift()) {
        const sentAt = performance.now()
        await request(server.url(`/busy/sleep?seconds=${seconds}`))
        seen.push((performance.now() - sentAt) / 1000)
      }
    }
    await Promise.all(Array.from({ length: 12 }, client))
    const after = await completeMetrics(admin)
    const buckets = (metrics: Metrics) => metrics.of('wsgid_request_duration_seconds_bucket', { group: 'busy' })
    const bounds = buckets(after).map(([, { le }]) => Number(le === '+Inf' ? Infinity : le))
    const told = buckets(after).map(([, , count], place) => count - (buckets(before)[place]?.[2] ?? 0))
    const [atMost, atLeast] = [within(bounds, sleeps), within(bounds, seen)]
    expect(bounds).toHaveLength(18)
    expect(told.at(-1)).toBe(sleeps.length)
    for (const [place, count] of told.entries()) {
      expect(count).toBeLessThanOrEqual(atMost[place] ?? NaN)
      expect(count).toBeGreaterThanOrEqual(atLeast[place] ?? NaN)
    }
    if (process.env['WSGID_LONG'] === '1') await compareWithWrk(server, admin)
  },
  { needs: [...parser.needs, installed(wrk)] },
)

/** The percentiles of wrk agree within a bucket; on a machine where wrk waits for a processor they need not. */
async function compareWithWrk(server: RunningWsgid, admin: string): Promise<void> {
  const script = fileURLToPath(new URL('../support/two-speeds.lua', import.meta.url))
  const before = await completeMetrics(admin)
  const { stdout } = await execa(wrk, ['-t1', '-c16', '-d10s', '-s', script, '--latency', server.url()])
  const after = await completeMetrics(admin)
  const buckets = after.of('wsgid_request_duration_seconds_bucket', { group: 'busy' })
  const earlier = before.of('wsgid_request_duration_seconds_bucket', { group: 'busy' })
  const counts = buckets.map(([, , count], place) => count - (earlier[place]?.[2] ?? 0))
  const rows = [...stdout.matchAll(/^ +(\d+)% +([\d.]+)(us|ms|s) *$/gm)].map(([, percent, value, unit]) => {
    const seconds = Number(value) * (unit === 's' ? 1 : unit === 'ms' ? 1e-3 : 1e-6)
    return {
      percent,
      seconds,
      byClient: buckets.findIndex(([, { le }]) => seconds <= Number(le)),
      byServer: counts.findIndex((count) => count >= (Number(percent) / 100) * (counts.at(-1) ?? 0)),
    }
  })
  process.stderr.write(`${JSON.stringify(rows)}\n`)
  expect(rows).toHaveLength(4)
  expect(rows.filter(({ byClient, byServer }) => Math.abs(byClient - byServer) > 1)).toEqual([])
}

test(
  'a router that hangs delays the answer by half a second and is named; nothing falls when it is killed and replaced',
  async () => {
    const { server, admin, status } = await started()
    await request(server.url('/site/echo'))
    const before = await completeMetrics(admin)
    const [router] = status.routers
    if (router === undefined) throw new Error('no router')
    process.kill(router.pid, 'SIGSTOP')
    const meanwhile = await eventually('only the other one answers', async () => {
      const metrics = await readMetrics(admin)
      return metrics.sum('wsgid_router_up') === 1 ? metrics : undefined
    }).finally(() => process.kill(router.pid, 'SIGCONT'))
    expect(ended(meanwhile, 'site')).toBe(ended(before, 'site'))
    process.kill(router.pid, 'SIGKILL')
    const after = await eventually('another router answers', async () => {
      const metrics = await completeMetrics(admin)
      return metrics.sum('wsgid_routers_started_total') === 3 ? metrics : undefined
    })
    expect(ended(after, 'site')).toBe(ended(before, 'site'))
    const worker = { group: 'site', worker: '0' }
    expect(after.sum('wsgid_worker_requests_total', worker)).toBe(before.sum('wsgid_worker_requests_total', worker))
  },
  parser,
)

test(
  'a worker that ends is counted with its reason',
  async () => {
    const { admin, status } = await started()
    const worker = status.groups.find(({ name }) => name === 'busy')?.workers[0]
    if (worker === undefined) throw new Error('no worker')
    const killed = (metrics: Metrics) => metrics.sum('wsgid_worker_exits_total', { group: 'busy', reason: 'signal' })
    expect(killed(await readMetrics(admin))).toBe(0)
    process.kill(worker.pid, 'SIGKILL')
    await eventually('the end is counted', async () => killed(await readMetrics(admin)) === 1 || undefined)
  },
  parser,
)

test('healthz and readyz say whether the server, or one group, serves', async () => {
  const { admin } = await started()
  const statusOf = async (path: string): Promise<number> => (await askAdmin(admin, path)).status
  expect(await statusOf('/healthz')).toBe(200)
  expect(await statusOf('/readyz')).toBe(200)
  expect(await statusOf('/readyz?group=site')).toBe(200)
  expect(await statusOf('/readyz?group=lazy')).toBe(200)
  expect(await statusOf('/readyz?group=broken')).toBe(503)
  expect(await statusOf('/readyz?group=nosuch')).toBe(404)
})

/** Takes a changed address over. */
async function reloadWith(server: RunningWsgid, admin: Readonly<Record<string, unknown>> | undefined): Promise<void> {
  await writeConfiguration(server.site, { groups, config: { routers: 2, ...(admin && { admin }) } })
  const { exitCode, stderr } = await server.wsgid('reload')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
}

asRoot('a reload moves it to a Unix socket for one group, changes the group, and closes it', async () => {
  const { server, admin } = await started()
  const path = server.site.path('admin.sock')
  const modeAndGroup = (): readonly number[] => {
    const { mode, uid, gid } = statSync(path)
    return [mode & 0o777, uid, gid]
  }
  await reloadWith(server, { listen: `unix:${path}`, group: '12' })
  expect((await server.status()).admin).toBe(`unix:${path}`)
  expect(modeAndGroup()).toEqual([0o660, 0, 12])
  expect((await request('http://admin/healthz', { socketPath: path })).status).toBe(200)
  await expect(request(`${admin}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await reloadWith(server, { listen: `unix:${path}` })
  expect(modeAndGroup()).toEqual([0o600, 0, 0])
  expect((await request('http://admin/readyz', { socketPath: path })).status).toBe(200)
  await reloadWith(server, undefined)
  expect(() => statSync(path)).toThrow('ENOENT')
})
