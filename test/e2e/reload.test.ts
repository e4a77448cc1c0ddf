// `wsgid reload` and SIGHUP take over the difference and touch nothing else; `wsgid restart` without names, and SIGUSR2, roll all groups.
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { census } from '../support/census.ts'
import { aDeployedGroup, deploy, ledgerVersion, removeGroup, writeGroup } from '../support/group-files.ts'
import { eventually } from '../support/eventually.ts'
import { makeGate } from '../support/gate.ts'
import { request } from '../support/http.ts'
import { loadMixed } from '../support/mixed-load.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { identityOf, processRow } from '../support/processes.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid, writeConfiguration, type RunningWsgid } from '../support/start-wsgid.ts'
import { test } from '../support/test.ts'

/** A site with a ledger application for each name. */
async function siteWith(...names: readonly string[]): Promise<Site> {
  const site = await makeSite()
  for (const name of names) await deploy(site, name, ledgerVersion('1'))
  return site
}

/** Which processes the workers of a group are. */
async function workersOf(server: RunningWsgid, name: string): Promise<readonly string[]> {
  return (await server.pidsOf(name)).map(identityOf).sort()
}

/** A little load, so that whatever a reload does wrong meets a request. */
const clientsOf = (server: RunningWsgid, name: string) =>
  loadMixed(server.url(`/${name}`), { kept: 2, fresh: 1, pauseMs: 5 })

const statusOf = async (url: string): Promise<number> => (await request(url)).status
const done = { exitCode: 0, stderr: '' }

test('reload starts new groups, ends removed ones, rolls changed ones, and leaves the others alone', async () => {
  const site = await siteWith('kept', 'changed', 'removed', 'new')
  const groups = ['kept', 'changed', 'removed'].map((name) => aDeployedGroup(name, { processes: 2 }))
  await using server = await startWsgid({ site, groups })
  const [kept, changed, removed] = await Promise.all(['kept', 'changed', 'removed'].map((n) => workersOf(server, n)))
  await using clientsOfKept = clientsOf(server, 'kept')
  await using clientsOfChanged = clientsOf(server, 'changed')

  await writeGroup(site, aDeployedGroup('new'))
  await removeGroup(site, 'removed')
  await writeGroup(site, aDeployedGroup('changed', { processes: 3, env: { COLOUR: 'green' } }))
  const reloaded = await server.wsgid('reload')
  expect(reloaded).toMatchObject(done)
  for (const name of ['new', 'removed', 'changed']) expect(reloaded.stdout).toMatch(new RegExp(`\\b${name}\\b`))
  expect(reloaded.stdout).not.toMatch(/\bkept\b/)

  expect(await statusOf(server.url('/new'))).toBe(200)
  expect(await statusOf(server.url('/removed'))).toBe(404)
  expect(await workersOf(server, 'kept')).toEqual(kept)
  const successors = await workersOf(server, 'changed')
  expect(successors).toHaveLength(3)
  expect(successors.filter((worker) => changed?.includes(worker))).toEqual([])
  for (const worker of removed ?? []) expect(processRow(Number.parseInt(worker, 10))).toBeNull()
  expect((await server.status()).groups.map(({ name }) => name).sort()).toEqual(['changed', 'kept', 'new'])
  for (const load of [clientsOfKept, clientsOfChanged]) expectNothingLost(await load.stop())
  expect(census(server.pid)).toEqual({ routers: 1, templates: 3, workers: 6, others: 0 })
})

test('a removed group answers what it had taken before it goes', async () => {
  const site = await siteWith('kept')
  const removed = aGroup({ name: 'removed', applications: [{ mount: '/removed', script: '../apps/torture.py' }] })
  await using server = await startWsgid({ site, groups: [removed, aDeployedGroup('kept')] })
  const gate = await makeGate(site, 'removed')
  const running = request(server.url(`/removed${gate.path}`))
  await gate.untilBegun(1)
  await removeGroup(site, 'removed')
  const reloaded = server.wsgid('reload')
  await eventually('nothing new is taken', async () =>
    (await statusOf(server.url('/removed/report'))) === 404 ? true : undefined,
  )
  await gate.open()
  expect((await running).status).toBe(200)
  expect(await reloaded).toMatchObject(done)
  expect(census(server.pid)).toEqual({ routers: 1, templates: 1, workers: 1, others: 0 })
})

test('options that only concern routers take effect without a new worker', async () => {
  const site = await siteWith('site')
  const at = (wanted = {}) =>
    aGroup({
      name: 'site',
      threads: 1,
      applications: [
        { mount: '/site', script: '../scripts/site.py' },
        { mount: '/torture', script: '../apps/torture.py' },
      ],
      ...wanted,
    })
  await using server = await startWsgid({ site, groups: [at()] })
  const workers = await workersOf(server, 'site')
  await using load = clientsOf(server, 'site')

  await writeGroup(site, at({ 'limit-request-body': '400KiB' }))
  expect(await server.wsgid('reload')).toMatchObject(done)
  expect((await request(server.url('/site'), { body: Buffer.alloc(500_000) })).status).toBe(413)
  expectNothingLost(await load.stop())

  await writeGroup(site, at({ 'queue-timeout': '200ms' }))
  expect(await server.wsgid('reload')).toMatchObject(done)
  const gate = await makeGate(site, 'occupied')
  const occupying = request(server.url(`/torture${gate.path}`))
  await gate.untilBegun(1)
  expect(await statusOf(server.url('/site'))).toBe(504)
  await gate.open()
  expect((await occupying).status).toBe(200)
  expect((await request(server.url('/site'), { body: Buffer.alloc(500_000) })).status).toBe(200)
  expect(await workersOf(server, 'site')).toEqual(workers)
  expect(await server.group()).toMatchObject({ generation: 1, restarts: 0 })
})

test('a changed mount or host holds as soon as reload returns', async () => {
  const site = await siteWith('site')
  const at = (mount: string, application = {}) =>
    aDeployedGroup('site', { applications: [{ mount, script: '../scripts/site.py', ...application }] })
  await using server = await startWsgid({ site, groups: [at('/old')] })
  await writeGroup(site, at('/new'))
  expect(await server.wsgid('reload')).toMatchObject(done)
  expect([await statusOf(server.url('/old')), await statusOf(server.url('/new'))]).toEqual([404, 200])
  await writeGroup(site, at('/new', { hosts: ['site.example.org'] }))
  expect(await server.wsgid('reload')).toMatchObject(done)
  expect(await statusOf(server.url('/new'))).toBe(404)
  expect((await request(server.url('/new'), { headers: { Host: 'site.example.org' } })).status).toBe(200)
})

test('reload rolls the group whose script has changed, and no other', async () => {
  const site = await siteWith('one', 'two')
  const groups = ['one', 'two'].map((name) => aDeployedGroup(name, { 'script-reloading': 'off' }))
  await using server = await startWsgid({ site, groups })
  const two = await workersOf(server, 'two')
  await deploy(site, 'one', ledgerVersion('2'))
  expect(await server.wsgid('reload')).toMatchObject(done)
  expect((await request(server.url('/one'))).text).toMatch(/ 2$/)
  expect(await workersOf(server, 'two')).toEqual(two)
})

test('reload without any change touches nothing', async () => {
  const site = await siteWith('site')
  await using server = await startWsgid({ site, groups: [aDeployedGroup('site', { processes: 2 })] })
  const workers = await workersOf(server, 'site')
  const { routers } = await server.status()
  expect(await server.wsgid('reload')).toMatchObject(done)
  expect(await workersOf(server, 'site')).toEqual(workers)
  expect((await server.status()).routers.map(({ pid }) => pid)).toEqual(routers.map(({ pid }) => pid))
})

test('an invalid configuration changes nothing: exit 78, the whole report on stderr and in the log', async () => {
  const site = await siteWith('good', 'better')
  await using server = await startWsgid({ site, groups: [aDeployedGroup('good')] })
  const workers = await workersOf(server, 'good')
  await writeGroup(site, aDeployedGroup('good', { threads: 0, processses: 2 }))
  await writeGroup(site, aDeployedGroup('better'))
  const { exitCode, stderr } = await server.wsgid('reload')
  expect(exitCode).toBe(78)
  for (const part of [/threads is 0/, /unknown option "processses"/]) {
    expect(stderr).toMatch(part)
    await server.logLine('wsgid', part)
  }
  expect(await workersOf(server, 'good')).toEqual(workers)
  expect(await statusOf(server.url('/good'))).toBe(200)
  expect(await statusOf(server.url('/better'))).toBe(404)

  await writeGroup(site, aDeployedGroup('good'))
  expect(await server.wsgid('reload')).toMatchObject(done)
  expect(await workersOf(server, 'good')).toEqual(workers)
  expect(await statusOf(server.url('/better'))).toBe(200)
})

test('reload opens new addresses and closes removed ones, while the others keep their connections', async () => {
  const site = await siteWith('site')
  const groups = [aDeployedGroup('site')]
  const addresses = { main: '127.0.0.1:0', extra: `unix:${site.path('extra.sock')}` }
  await using server = await startWsgid({ site, groups, config: { listen: [addresses.main] } })
  await using load = clientsOf(server, 'site')
  const overExtra = () => request(server.url('/site'), { socketPath: site.path('extra.sock') })

  await writeConfiguration(site, { groups, config: { listen: [addresses.main, addresses.extra] } })
  expect(await server.wsgid('reload')).toMatchObject(done)
  expect((await overExtra()).status).toBe(200)
  expect((await server.status()).listen).toContain(addresses.extra)

  await writeConfiguration(site, { groups, config: { listen: [addresses.main] } })
  expect(await server.wsgid('reload')).toMatchObject(done)
  await expect(overExtra()).rejects.toThrow(/ENOENT|ECONNREFUSED/)
  expectNothingLost(await load.stop())
})

test('an address that cannot be had is named, and nothing of that reload is done', async () => {
  const site = await siteWith('site', 'new')
  const groups = [aDeployedGroup('site')]
  await using server = await startWsgid({ site, groups, config: { listen: ['127.0.0.1:0'] } })
  const { host: taken, port } = new URL(server.url())
  // Its own address once more, by number this time, is in use.
  const config = { listen: ['127.0.0.1:0', taken] }
  await writeConfiguration(site, { groups: [...groups, aDeployedGroup('new')], config })
  const { exitCode, stderr } = await server.wsgid('reload')
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(new RegExp(`cannot bind 127.0.0.1 port ${port}: EADDRINUSE`))
  expect(await statusOf(server.url('/new'))).toBe(404)
  expect(await statusOf(server.url('/site'))).toBe(200)
})

test('SIGHUP does what reload does, and tells the log why it did not', async () => {
  const site = await siteWith('site', 'new')
  await using server = await startWsgid({ site, groups: [aDeployedGroup('site')] })
  const workers = await workersOf(server, 'site')
  await writeGroup(site, aDeployedGroup('new', { threads: 0 }))
  process.kill(server.pid, 'SIGHUP')
  await server.logLine('wsgid', /threads is 0/)
  await writeGroup(site, aDeployedGroup('new'))
  process.kill(server.pid, 'SIGHUP')
  await eventually('the new group is served', async () =>
    (await statusOf(server.url('/new'))) === 200 ? true : undefined,
  )
  expect(await workersOf(server, 'site')).toEqual(workers)
})

for (const [what, roll] of [
  ['SIGUSR2', (server: RunningWsgid) => Promise.resolve(process.kill(server.pid, 'SIGUSR2'))],
  ['restart without names', (server: RunningWsgid) => server.wsgid('restart')],
] as const) {
  test(`${what} replaces every worker of every group and fails no request`, async () => {
    const site = await siteWith('one', 'two')
    const groups = ['one', 'two'].map((name) => aDeployedGroup(name, { processes: 2 }))
    await using server = await startWsgid({ site, groups })
    const before = [...(await workersOf(server, 'one')), ...(await workersOf(server, 'two'))]
    await using one = clientsOf(server, 'one')
    await using two = clientsOf(server, 'two')
    await roll(server)
    await server.statusWhen('both groups run their second generation', (status) =>
      status.groups.every((group) => group.generation === 2 && group.state === 'running' && group.workers.length === 2),
    )
    const after = [...(await workersOf(server, 'one')), ...(await workersOf(server, 'two'))]
    expect(after.filter((worker) => before.includes(worker))).toEqual([])
    for (const load of [one, two]) expectNothingLost(await load.stop())
  })
}

test('restart of an unknown group names those that there are, and touches none', async () => {
  const site = await siteWith('site')
  await using server = await startWsgid({ site, groups: [aDeployedGroup('site')] })
  const { exitCode, stderr } = await server.wsgid('restart', 'sight')
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^wsgid: .*unknown group "sight": there are site$/)
  expect(await server.group()).toMatchObject({ generation: 1 })
})

test('a group whose definition is gone and comes back is served again', async () => {
  const site = await siteWith('coming', 'other')
  await using server = await startWsgid({ site, groups: [aDeployedGroup('coming'), aDeployedGroup('other')] })
  for (let round = 0; round < 2; round += 1) {
    await removeGroup(site, 'coming')
    expect(await server.wsgid('reload')).toMatchObject(done)
    expect(await statusOf(server.url('/coming'))).toBe(404)
    await writeGroup(site, aDeployedGroup('coming'))
    expect(await server.wsgid('reload')).toMatchObject(done)
    expect(await statusOf(server.url('/coming'))).toBe(200)
  }
})
