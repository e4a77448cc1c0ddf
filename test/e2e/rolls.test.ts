// From one generation to the next on real processes: restart, reload, changed scripts, broken deploys. No client notices.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { stringify } from 'yaml'
import { aGroup, type GroupDefinition } from '../support/a-group.ts'
import { request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { familyOf } from '../support/processes.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { test } from '../support/test.ts'

const answering = (text: string): string => `
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"${text}"]
`
const shop = (more: Readonly<Record<string, unknown>> = {}): GroupDefinition =>
  aGroup({ name: 'shop', processes: 2, applications: [{ mount: '/', script: '../apps/shop.py' }], ...more })

async function aShop(more: Readonly<Record<string, unknown>> = {}): Promise<{ server: RunningWsgid; site: Site }> {
  const site = await makeSite()
  await site.write('apps/shop.py', answering('v1'))
  return { site, server: await startWsgid({ site, groups: [shop(more)] }) }
}

const define = (site: Site, group: GroupDefinition): Promise<void> =>
  writeFile(site.path('groups.d', `${group.name}.yaml`), stringify(group))
const nothingFailed = { wrong: 0, statuses: {}, errors: {} }
const pidsOf = async (server: RunningWsgid, group: string): Promise<readonly number[]> =>
  (await server.group(group)).workers.map(({ pid }) => pid).toSorted()

test('restart and reload under load fail no request', async () => {
  const { server, site } = await aShop()
  const load = keepRequesting(server.url(), { connections: 8, isRight: (body) => body === 'v1' })
  const fresh = keepRequesting(server.url(), { connections: 4, keepAlive: false })
  for (let round = 1; round <= 3; round += 1) {
    expect(await server.wsgid('restart', 'shop')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/shop: restarted/),
    })
    await define(site, shop({ env: { ROUND: round } }))
    expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/shop: changed/) })
  }
  for (const each of [load, fresh]) expect(await each.stop()).toMatchObject(nothingFailed)
  expect(await server.group('shop')).toMatchObject({ state: 'running', generation: 7, lastError: null })
})

for (const [what, code, cause] of [
  ['does not compile', 'def application(:', /SyntaxError/],
  ['raises at import', 'raise RuntimeError("no database")', /no database/],
  ['hangs at import', 'import time; time.sleep(60)', /startup-timeout/],
  ['exits at import', 'import os; os._exit(3)', /exit code 3/],
  ['kills itself at import', 'import os; os.kill(os.getpid(), 9)', /SIGKILL/],
] as const) {
  test(`a deploy that ${what} leaves the old workers serving and says why, and the next good one repairs it`, async () => {
    const { server, site } = await aShop({ 'startup-timeout': 2, 'script-reloading': 'off' })
    const before = await pidsOf(server, 'shop')
    await site.write('apps/shop.py', code)
    const restart = await server.wsgid('restart', 'shop')
    expect(restart).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(cause) })
    expect((await request(server.url())).text).toBe('v1')
    const { state, generation, lastError } = await server.group('shop')
    expect({ state, generation }).toEqual({ state: 'degraded', generation: 1 })
    expect(lastError).toMatch(cause)
    expect(await pidsOf(server, 'shop')).toEqual(before)
    await site.write('apps/shop.py', answering('v2'))
    expect(await server.wsgid('restart')).toMatchObject({ exitCode: 0 })
    expect((await request(server.url())).text).toBe('v2')
    expect(await server.group('shop')).toMatchObject({ state: 'running', lastError: null })
  })
}

test('reload starts, changes and removes groups and touches no other', async () => {
  const { server, site } = await aShop()
  const app = (name: string) => aGroup({ name, applications: [{ mount: `/${name}`, script: '../apps/torture.py' }] })
  await define(site, app('wiki'))
  await define(site, app('trac'))
  expect((await server.wsgid('reload')).stdout).toMatch(/trac: started[^]*wiki: started|wiki: started[^]*trac: started/)
  const [shopPids, wikiPids] = [await pidsOf(server, 'shop'), await pidsOf(server, 'wiki')]
  const running = request(server.url('/trac/sleep?seconds=1'))
  await server.statusWhen('the request runs', (status) => status.groups.some(({ active }) => active === 1))
  await rm(site.path('groups.d', 'trac.yaml'))
  await define(site, { ...app('wiki'), 'queue-timeout': 7 })
  expect(await server.wsgid('reload')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/wiki: changed, no worker/),
  })
  expect((await running).text).toBe('slept')
  expect((await server.status()).groups.map(({ name }) => name)).toEqual(['shop', 'wiki'])
  expect([await pidsOf(server, 'shop'), await pidsOf(server, 'wiki')]).toEqual([shopPids, wikiPids])
  await define(site, app('trac'))
  await server.wsgid('reload')
  expect((await request(server.url('/trac/report'))).status).toBe(200)
  expect((await server.wsgid('reload')).stdout).toBe('nothing has changed')
})

test('a reload of an invalid configuration, or of what needs a restart, changes nothing', async () => {
  const { server, site } = await aShop()
  const before = await pidsOf(server, 'shop')
  await define(site, shop({ processses: 2, env: { A: 'b' } }))
  expect(await server.wsgid('reload')).toMatchObject({
    exitCode: 78,
    stderr: expect.stringMatching(/nothing was changed[^]*processses/),
  })
  expect(await server.log('wsgid')).toMatch(/nothing was changed.*processses/)
  await define(site, shop({ env: { A: 'b' } }))
  const config = await readFile(server.configFile, 'utf8')
  await writeFile(server.configFile, `${config}routers: 2\n`)
  expect(await server.wsgid('reload')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/routers cannot change/),
  })
  expect(await pidsOf(server, 'shop')).toEqual(before)
})

test('applications that come and go while the group rolls are never mistaken for each other', async () => {
  const site = await makeSite()
  for (const name of ['a', 'b', 'c']) await site.write(`apps/${name}.py`, answering(name))
  const group = (...names: string[]) =>
    aGroup({ applications: names.map((name) => ({ mount: `/${name}`, script: `../apps/${name}.py` })) })
  await using server = await startWsgid({ site, groups: [group('a', 'b')] })
  const load = keepRequesting(server.url('/b'), { connections: 4, isRight: (body) => body === 'b' })
  for (const names of [['c', 'b'], ['b'], ['c', 'a', 'b']]) {
    await define(site, group(...names))
    expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
    for (const name of names) expect((await request(server.url(`/${name}`))).text).toBe(name)
  }
  expect(await load.stop()).toMatchObject(nothingFailed)
})

test('a changed script is served within seconds, without an error', async () => {
  const { server, site } = await aShop()
  const load = keepRequesting(server.url(), { connections: 4, isRight: (body) => /^v[12]$/.test(body) })
  await site.write('apps/shop.py', answering('v2'))
  await server.statusWhen('the new generation serves', ({ groups }) => groups[0]?.generation === 2)
  expect(await load.stop()).toMatchObject(nothingFailed)
  expect((await request(server.url())).text).toBe('v2')
})

test('script-reloading: immediate answers the next request by new code, also after a failed load', async () => {
  const { server, site } = await aShop({ 'script-reloading': 'immediate', processes: 1 })
  expect((await request(server.url())).text).toBe('v1')
  for (const text of ['v2', 'v3']) {
    await site.write('apps/shop.py', answering(text))
    expect((await request(server.url(), { body: 'x' })).text).toBe(text)
  }
  await site.write('apps/shop.py', 'raise RuntimeError("broken")')
  expect((await request(server.url())).status).toBe(500)
  expect((await server.group('shop')).state).toBe('failing')
  await site.write('apps/shop.py', answering('v4!'))
  expect((await request(server.url())).text).toBe('v4!')
})

test('start: on-demand runs nothing until the first request and again after inactivity-timeout', async () => {
  const site = await makeSite()
  await site.write('apps/shop.py', answering('v1'))
  const groups = [shop({ start: 'on-demand', 'inactivity-timeout': 1 })]
  await using server = await startWsgid({ site, groups, until: ({ state }) => state === 'running' })
  expect(await server.group('shop')).toMatchObject({ state: 'idle', workers: [] })
  const alone = familyOf(server.pid).length
  expect((await request(server.url())).text).toBe('v1')
  await server.statusWhen('the group sleeps', ({ groups }) => groups[0]?.state === 'idle')
  expect((await server.group('shop')).lastExits.at(-1)).toMatchObject({ reason: 'inactivity-timeout', code: 0 })
  expect(familyOf(server.pid).length).toBeLessThanOrEqual(alone)
  expect((await request(server.url())).text).toBe('v1')
})

test('requests that wait bring up workers, at most maximum-processes', async () => {
  await using server = await startWsgid({ groups: [aGroup({ threads: 1, processes: 1, 'maximum-processes': 3 })] })
  const load = keepRequesting(server.url('/sleep?seconds=0.3'), { connections: 12 })
  await server.statusWhen('three workers serve', ({ groups }) => groups[0]?.workers.length === 3)
  expect(await load.stop()).toMatchObject(nothingFailed)
  expect((await server.group()).workers).toHaveLength(3)
})

test('a template process that is killed fails no GET, and its workers are replaced', async () => {
  const { server } = await aShop()
  const before = await pidsOf(server, 'shop')
  const load = keepRequesting(server.url(), { connections: 4 })
  const template = familyOf(server.pid).find(({ pid }) => before.includes(pid))?.parent ?? 0
  process.kill(template, 'SIGKILL')
  await server.statusWhen('others serve', ({ groups }) => {
    const ready = groups[0]?.workers.filter(({ state, pid }) => state === 'ready' && !before.includes(pid))
    return ready?.length === 2
  })
  expect(await load.stop()).toMatchObject(nothingFailed)
})

test('a supervisor that was stopped for longer than startup-timeout kills nobody', async () => {
  const site = await makeSite()
  await site.write('apps/shop.py', `import time; time.sleep(1)\n${answering('v1')}`)
  await using server = await startWsgid({ site, groups: [shop({ 'startup-timeout': 3 })] })
  const restart = server.wsgid('restart')
  await server.statusWhen('a new worker starts', ({ groups }) => groups[0]?.state === 'rolling')
  process.kill(server.pid, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 5000))
  process.kill(server.pid, 'SIGCONT')
  expect(await restart).toMatchObject({ exitCode: 0 })
  expect((await server.group('shop')).lastExits.map(({ reason }) => reason)).toEqual(['restart', 'restart'])
})

test('a stop waits for each group no longer than its own graceful-timeout', async () => {
  const quick = aGroup({
    name: 'quick',
    'graceful-timeout': 1,
    'shutdown-timeout': 1,
    applications: [{ mount: '/quick', script: '../apps/torture.py' }],
  })
  const slow = aGroup({
    name: 'slow',
    'graceful-timeout': 30,
    applications: [{ mount: '/slow', script: '../apps/torture.py' }],
  })
  await using server = await startWsgid({ groups: [quick, slow] })
  const running = request(server.url('/quick/sleep?seconds=20')).catch(() => undefined)
  await server.statusWhen('the request runs', (status) => status.groups.some(({ active }) => active === 1))
  const begun = performance.now()
  expect(await server.wsgid('stop')).toMatchObject({ exitCode: 0 })
  expect(performance.now() - begun).toBeLessThan(5000)
  await running
})

test('USR2 restarts every group, HUP reloads', async () => {
  const { server, site } = await aShop()
  process.kill(server.pid, 'SIGUSR2')
  await server.statusWhen(
    'a new generation',
    ({ groups }) => groups[0]?.generation === 2 && groups[0].state === 'running',
  )
  await site.write('apps/shop.py', answering('v2'))
  process.kill(server.pid, 'SIGHUP')
  await server.statusWhen('another one', ({ groups }) => groups[0]?.generation === 3)
  expect((await request(server.url())).text).toBe('v2')
  expect(await server.wsgid('restart', 'shpo')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/unknown group "shpo"/),
  })
})
