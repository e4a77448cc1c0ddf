// preload-script runs before the application: what it sets, the application sees. The configuration is docs/examples/preload-script.
import { cp, mkdir } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { exampleGroups, uidOf } from '../support/examples.ts'
import { getJson } from '../support/http.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { asRoot, test } from '../support/test.ts'

const noPool = 'import database\ndatabase.poolable = False\n'
const database = 'poolable = True\n'

asRoot('a script switches pooling off before the application loads, in every worker of three users', async () => {
  const site = await makeSite()
  await mkdir(site.path('srv', 'trac', 'lib'), { recursive: true })
  await site.write('srv/trac/lib/database.py', database)
  await site.write('srv/trac/no-pool.py', noPool)
  await cp(site.path('apps', 'surveyor.py'), site.path('srv', 'trac', 'trac.wsgi'))
  await using server = await startWsgid({ site, groups: exampleGroups('preload-script', site) })
  for (const [path, person] of [
    ['/site-1', 'alice'],
    ['/site-2', 'bob'],
    ['/site-3', 'carol'],
  ] as const) {
    const { uid, poolable } = await getJson(server.url(path))
    expect([uid, poolable]).toEqual([uidOf(person), false])
  }
})

test('with preload it runs once, before the fork; one that fails is an application that does not load', async () => {
  const site = await makeSite()
  await site.write('lib/database.py', database)
  await site.write('no-pool.py', noPool)
  const good = aGroup({
    name: 'good',
    ...{ preload: true, 'preload-script': ['../no-pool.py'], 'python-path': '../lib' },
    applications: [{ mount: '/good', script: '../apps/surveyor.py' }],
  })
  await site.write('fails.py', 'raise RuntimeError("no database today")\n')
  const bad = aGroup({
    name: 'bad',
    'preload-script': '../fails.py',
    applications: [{ mount: '/bad', script: '../apps/surveyor.py' }],
  })
  await using server = await startWsgid({
    ...{ site, groups: [good, bad] },
    until: ({ groups }) => groups.every(({ state }) => state === 'running' || state === 'failing'),
  })
  expect((await getJson(server.url('/good')))['poolable']).toBe(false)
  const { lastError } = await server.group('bad')
  expect(lastError).toContain('fails.py')
  expect(lastError).toContain('RuntimeError: no database today')
})
