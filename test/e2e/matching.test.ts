// What a regular expression and its captures decide: the application, its group, its variables, whether it is served at all. The
// configurations are those of docs/examples.
import { chmod, cp, mkdir } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { account } from '../support/accounts.ts'
import { aGroup } from '../support/a-group.ts'
import { aTracSite, exampleGroups, tenants, uidOf } from '../support/examples.ts'
import { getJson, isRecord, request } from '../support/http.ts'
import { exchange } from '../support/raw-http.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, writeConfiguration, type RunningWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile } from '../support/test.ts'

const byUrl = forTheFile(async () => {
  const site = await aTracSite()
  for (const [name, user] of [
    ['site-1', 'www-data'],
    ['site-2', 'games'],
    ['site-3', 'backup'],
  ] as const) {
    await site.directoryOf(user, `srv/sites/${name}`)
    if (name !== 'site-3') await site.write(`srv/sites/${name}/conf/trac.ini`, '')
  }
  return startWsgid({ site, groups: exampleGroups('group-by-url', site) })
})

const together = forTheFile(async () => {
  const site = await aTracSite()
  await site.write('srv/sites/one/conf/trac.ini', '')
  await site.write('srv/sites/two/README', '')
  await mkdir(site.path('srv', 'scripts'))
  await cp(site.path('apps', 'surveyor.py'), site.path('srv', 'scripts', 'survey.wsgi'))
  await site.write('srv/scripts/broken.wsgi', 'nonsense(')
  return startWsgid({ site, groups: exampleGroups('one-group-many-sites', site) })
})

async function survey(server: RunningWsgid, path: string) {
  const { uid, gid, environ } = await getJson(server.url(path))
  if (!isRecord(environ)) throw new Error('no environ')
  return { uid, gid, environ }
}

asRoot("the URL chooses the group, and with it the user, from a directory that is that user's alone", async () => {
  const server = await byUrl()
  for (const [site, person] of [
    ['site-1', 'alice'],
    ['site-2', 'bob'],
  ] as const) {
    const { uid, gid, environ } = await survey(server, `/trac/${site}/wiki/Start?x=1`)
    expect([uid, gid]).toEqual([uidOf(person), account(tenants[person]).gid])
    expect(environ).toMatchObject({
      SCRIPT_NAME: `/trac/${site}`,
      PATH_INFO: '/wiki/Start',
      QUERY_STRING: 'x=1',
      'trac.env_path': server.site.path('srv', 'sites', site),
      'mod_wsgi.process_group': site,
    })
    expect(Object.keys(environ).filter((name) => name.startsWith('wsgid.'))).toEqual([])
  }
})

asRoot('a site whose required file is not there is 403, before its application is called', async () => {
  const server = await byUrl()
  expect((await request(server.url('/trac/site-3/wiki'))).status).toBe(403)
  expect(await server.logLine('site-3', /require-file/)).toContain('srv/sites/site-3/conf/trac.ini')
  await server.site.write('srv/sites/site-3/conf/trac.ini', '')
  expect((await survey(server, '/trac/site-3')).uid).toBe(uidOf('carol'))
})

asRoot('a name that is no group is 404, and so is a group that a URL must not choose', async () => {
  const server = await byUrl()
  for (const path of ['/trac/site-4/', '/trac/sites/', '/trac/SITE-1/', '/trac', '/trac/', '/other'])
    expect({ path, status: (await request(server.url(path))).status }).toEqual({ path, status: 404 })
  // The file of the match has no workers: nothing of it is a group.
  const { groups } = await server.status()
  expect(groups.map(({ name, threads }) => [name, threads])).toEqual([
    ['site-1', 25],
    ['site-2', 25],
    ['site-3', 25],
  ])
})

asRoot('no spelling of a capture leads out of its directory', async () => {
  const server = await together()
  await server.site.write('srv/conf/trac.ini', '')
  await server.site.write('srv/sites/conf/trac.ini', '')
  const spellings = [
    '..',
    '%2e%2e',
    '.%2e',
    '.',
    '%2e',
    '%5c..%5c',
    'one%5c..',
    '..%2fsites%2fone',
    'one%2f..',
    '%00',
    'one%00',
    '%252e%252e',
  ]
  for (const spelling of spellings) {
    const answer = await exchange(
      server.url('/'),
      `GET /trac/${spelling}/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    )
    const status = answer.slice(9, 12)
    // What leads up by ".." is resolved before anything is matched, and reaches what is mounted at the root.
    if (status === '200') expect(answer).toMatch(/"SCRIPT_NAME": "", "PATH_INFO": "\/(?:trac\/)?x"/)
    else expect(['400', '403', '404']).toContain(status)
    expect(answer).not.toContain('trac.env_path')
  }
})

asRoot('one group serves many sites, and only those whose file is there', async () => {
  const server = await together()
  const { uid, environ } = await survey(server, '/trac/one')
  expect([uid, environ['SCRIPT_NAME'], environ['PATH_INFO']]).toEqual([uidOf('alice'), '/trac/one', ''])
  expect((await request(server.url('/trac/two/'))).status).toBe(403)
  expect((await request(server.url('/trac/three/'))).status).toBe(403)
})

asRoot('a script is found by the URL, loaded by its first request and again when it changes', async () => {
  const server = await together()
  const { uid, environ } = await survey(server, '/wsgi/survey/x')
  expect([uid, environ['SCRIPT_NAME'], environ['PATH_INFO']]).toEqual([uidOf('bob'), '/wsgi/survey', '/x'])
  expect(environ['SCRIPT_FILENAME']).toBe(server.site.path('srv', 'scripts', 'survey.wsgi'))
  expect((await request(server.url('/wsgi/absent'))).status).toBe(404)
  expect((await request(server.url('/wsgi/broken'))).status).toBe(500)
  expect(await server.logLine('scripts', /SyntaxError/)).toContain('SyntaxError')
  await server.site.write('srv/scripts/broken.wsgi', 'from wsgiref.simple_server import demo_app as application')
  expect((await request(server.url('/wsgi/broken'))).text).toContain('Hello world!')
})

asRoot('a script that others can write is not loaded', async () => {
  const server = await together()
  const path = await server.site.write(
    'srv/scripts/open.wsgi',
    'from wsgiref.simple_server import demo_app as application',
  )
  await chmod(path, 0o666)
  expect((await request(server.url('/wsgi/open'))).status).toBe(403)
  expect(await server.logLine('scripts', /can be written/)).toContain('open.wsgi')
})

asRoot('what is mounted at the root answers where neither another mount nor a match does', async () => {
  const server = await together()
  expect(await survey(server, '/else/x')).toMatchObject({
    uid: uidOf('carol'),
    environ: { SCRIPT_NAME: '', PATH_INFO: '/else/x' },
  })
  expect((await survey(server, '/tracker')).uid).toBe(uidOf('carol'))
})

asRoot('while workers of two definitions serve, each has what its own takes from the URL', async () => {
  const site = await makeSite()
  await site.write('srv/trac.ini', '')
  const held = (version: string) =>
    `import os, time\nwhile not os.path.exists(os.environ["GATE"]): time.sleep(0.01)\n` +
    `def application(environ, start_response):\n    start_response("200 OK", [])\n` +
    `    return [("${version} " + environ["env"]).encode()]\n`
  for (const name of ['trac', 'wiki']) await site.write(`srv/${name}.wsgi`, held(name))
  const groups = (gate: string, options: object, script: string) => {
    const match = (name: string) => `^/${name}/(?<name>[^/]+)`
    const env = { GATE: site.path(gate) }
    const demanding = { match: match('file'), script: site.path('srv/wiki.wsgi'), ...options }
    const scripted = { match: match('script'), script: site.path(script), environ: { env: '${name}' } }
    return [aGroup({ env, applications: [demanding, scripted] })]
  }
  await site.write('open', '')
  const before = { environ: { env: '${name}' }, 'require-file': site.path('srv/${name}.ini') }
  await using server = await startWsgid({ site, groups: groups('open', before, 'srv/${name}.wsgi') })
  const answers = async () => [
    await request(server.url('/file/trac')).then(({ status, text }) => [status, text]),
    await request(server.url('/script/trac')).then(({ status, text }) => [status, text]),
  ]
  const asBefore = [
    [200, 'wiki trac'],
    [200, 'trac trac'],
  ]
  expect(await answers()).toEqual(asBefore)
  await writeConfiguration(site, { groups: groups('gate', { environ: { env: 'one' } }, 'srv/wiki.wsgi') })
  const reloaded = server.wsgid('reload')
  await server.statusWhen('the new generation loads', (status) =>
    (status.groups[0]?.workers ?? []).some(({ generation, state }) => generation === 2 && state === 'starting'),
  )
  expect(await answers()).toEqual(asBefore)
  await site.write('gate', '')
  expect(await reloaded).toMatchObject({ exitCode: 0 })
  expect(await answers()).toEqual([
    [200, 'wiki one'],
    [200, 'wiki trac'],
  ])
})
