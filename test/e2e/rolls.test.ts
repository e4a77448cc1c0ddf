// What surrounds the change from one generation to the next: applications that change, a template that dies, a supervisor that stands still.
import { writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { stringify } from 'yaml'
import { aGroup, type GroupDefinition } from '../support/a-group.ts'
import { request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
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
const pidsOf = async (server: RunningWsgid, group: string): Promise<readonly number[]> =>
  (await server.pidsOf(group)).toSorted()

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
  expectNothingLost(await load.stop())
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
  expectNothingLost(await load.stop())
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
