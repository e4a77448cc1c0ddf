// preload-script runs before the application: what it sets, the application sees. What a script does after it has loaded the application is there
// for all workers too. The configurations are docs/examples/preload-script and warm-up.
import { readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { aTracSite, exampleFile, exampleGroups, uidOf } from '../support/examples.ts'
import { getJson } from '../support/http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile, test } from '../support/test.ts'

const noPool = 'import database\ndatabase.poolable = False\n'
const database = 'poolable = True\n'

asRoot('a script switches pooling off before the application loads, in every worker of three users', async () => {
  const site = await aTracSite()
  await site.write('srv/trac/lib/database.py', database)
  await site.write('srv/trac/no-pool.py', noPool)
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

/** Notes who has run it: a word and the process, a line each. */
const noting = (word: string, notes: string): string =>
  `import os\nwith open(${JSON.stringify(notes)}, 'a') as notes:\n    print(${JSON.stringify(word)}, os.getpid(), file=notes)\n`

const notesOf = (site: Site, name: string): string => site.path('notes', name)

/** Groups "forked", with preload, and "each"; and "bad", whose script fails. */
const theServer = forTheFile(async () => {
  const site = await makeSite()
  await site.directoryOf('www-data', 'notes')
  await site.write('lib/database.py', database)
  const good = ['forked', 'each'].map((name) =>
    aGroupAt(name, 'surveyor', {
      ...{ preload: name === 'forked', processes: 2, 'python-path': '../lib' },
      'preload-script': [`../${name}-first.py`, `../${name}-no-pool.py`],
    }),
  )
  for (const { name } of good) {
    await site.write(`${name}-first.py`, noting('first', notesOf(site, name)))
    await site.write(`${name}-no-pool.py`, noting('no-pool', notesOf(site, name)) + noPool)
  }
  await site.write('fails.py', 'raise RuntimeError("no database today")\n')
  const groups = [...good, aGroupAt('bad', 'surveyor', { 'preload-script': '../fails.py' })]
  return startWsgid({
    ...{ site, groups },
    // A group is "running" as soon as one of its workers serves: all of them, for what each has noted.
    until: ({ groups }) =>
      groups.every(({ name, state, workers }) =>
        name === 'bad' ? state === 'failing' : workers.filter((each) => each.state === 'ready').length === 2,
      ),
  })
})

/** What the scripts of a group have noted, and whether they have had their effect. */
async function ranIn(name: string): Promise<readonly string[]> {
  const server = await theServer()
  expect((await getJson(server.url(`/${name}`)))['poolable']).toBe(false)
  return readFileSync(notesOf(server.site, name), 'utf8').trimEnd().split('\n')
}

test('with preload all scripts run once, in their order, before the fork', async () => {
  const lines = await ranIn('forked')
  const template = Number(lines[0]?.split(' ')[1])
  expect(lines).toEqual([`first ${template}`, `no-pool ${template}`])
  expect(await (await theServer()).pidsOf('forked')).not.toContain(template)
})

test('without preload they run in each worker, in their order', async () => {
  const lines = await ranIn('each')
  const pids = await (await theServer()).pidsOf('each')
  for (const pid of pids)
    expect(lines.filter((line) => line.endsWith(` ${pid}`))).toEqual([`first ${pid}`, `no-pool ${pid}`])
  expect([pids.length, lines.length]).toEqual([2, 4])
})

test('one that fails is an application that does not load', async () => {
  const { lastError } = await (await theServer()).group('bad')
  expect(lastError).toContain('fails.py')
  expect(lastError).toContain('RuntimeError: no database today')
})

/** Says which process has answered first of all that share its memory. */
const remembering = `import json, os
first = []
def application(environ, start_response):
    first.append(os.getpid())
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"first": first[0]}).encode()]
`

asRoot('an application that answers a page before the fork has what that made in each worker', async () => {
  const site = await makeSite()
  await site.write('srv/shop/project/wsgi.py', remembering)
  await cp(exampleFile('warm-up/warm.wsgi'), site.path('srv', 'shop', 'warm.wsgi'))
  await using server = await startWsgid({ site, groups: exampleGroups('warm-up', site) })
  const answers = await Promise.all(Array.from({ length: 8 }, () => getJson(server.url('/'))))
  const firsts = new Set(answers.map(({ first }) => first))
  expect(firsts.size).toBe(1)
  expect(await server.pidsOf('shop')).not.toContain([...firsts][0])
  expect(await server.log('shop')).toContain('/: 200 OK')
})
