// What the documents about Trac and mod_wsgi configure, by the files of docs/examples/trac: each file as three users, with an application that
// tells what Trac would be told.
import { chown, cp, mkdir, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { account } from '../support/accounts.ts'
import type { GroupDefinition } from '../support/a-group.ts'
import {
  exampleForEachPerson,
  exampleGroups,
  exampleOfDirectories,
  hostOf,
  people,
  placeOf,
  tenants,
  uidOf,
  type Person,
} from '../support/examples.ts'
import { basicLogin, getJson, request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import type { GroupStatus, Status } from '../support/status-document.ts'
import { asRoot, forTheFile } from '../support/test.ts'

/** Owners of the sites of trac/site-per-user.yaml; uids without an account among them. */
const owners = ['www-data', 'games', 'backup', 'man', 30_001, 30_002] as const

const theServer = forTheFile(async () => {
  const site = await makeSite()
  await makePlace(site, site.path('srv'), site.path('opt'))
  for (const [index, owner] of owners.entries()) await makeTracSite(site, `site-${index + 1}`, owner)
  for (const person of people) await makePlace(site, placeOf(site, person, 'srv'), placeOf(site, person, 'opt'))
  const examples = ['trac/one-site', 'trac/parent-directory', 'trac/environ']
  return startWsgid({
    site,
    groups: [
      ...examples.flatMap((name) => exampleForEachPerson(name, site)),
      ...exampleForEachPerson('trac/root-of-host', site).map(soonReplaced),
      exampleOfDirectories('trac/site-per-user', site),
      ...exampleGroups('stdout', site),
    ],
    until: ({ groups }) => groups.length > 12 && groups.every(({ state }) => state === 'running' || state === 'idle'),
  })
})

/** What the examples say of /srv/trac and /opt/trac. */
async function makePlace(site: Site, srv: string, opt: string): Promise<void> {
  await mkdir(`${srv}/trac/sites`, { recursive: true })
  await mkdir(`${opt}/trac/trac/htdocs/css`, { recursive: true })
  await cp(site.path('apps', 'surveyor.py'), `${srv}/trac/trac.wsgi`)
  await writeFile(`${opt}/trac/trac/htdocs/css/trac.css`, 'body { color: black }')
  await writeFile(`${srv}/trac/htpasswd`, 'joe:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n')
}

async function makeTracSite(site: Site, name: string, owner: string | number): Promise<void> {
  await site.write(`srv/trac/sites/${name}/conf/trac.ini`, '')
  const uid = typeof owner === 'string' ? account(owner).uid : owner
  await chown(site.path('srv/trac/sites', name), uid, uid)
}

/** A thousand requests are as many replacements as a hundred, and take ten times as long. Bob has the hardest case: a single process. */
function soonReplaced(group: GroupDefinition): GroupDefinition {
  expect(group).toMatchObject({ processes: 3, threads: 25, 'maximum-requests': 1000 })
  return { ...group, 'maximum-requests': 100, ...(group.name.endsWith('bob') && { processes: 1 }) }
}

/** What the application of somebody's copy of an example says. */
async function survey(example: string, person: Person, path: string): Promise<Record<string, unknown>> {
  const server = await theServer()
  return getJson(server.url(path), { headers: { Host: hostOf(example, person) } })
}

for (const person of people) {
  asRoot(`one site: its environment is in the process’s, and ${tenants[person]} runs it`, async () => {
    const srv = placeOf((await theServer()).site, person, 'srv')
    const told = await survey('one-site', person, '/trac/wiki/Start')
    expect(told).toMatchObject({
      uid: uidOf(person),
      environment: { TRAC_ENV: `${srv}/trac/site-1`, PYTHON_EGG_CACHE: `${srv}/trac/eggs` },
      environ: { SCRIPT_NAME: '/trac', PATH_INFO: '/wiki/Start' },
    })
    // Of the process, not of the request: what SetEnv says in Apache is the other thing.
    expect(told['environ']).not.toHaveProperty('TRAC_ENV')
    expect(await survey('root-of-host', person, '/wiki/Start')).toMatchObject({
      uid: uidOf(person),
      environment: { TRAC_ENV: `${srv}/trac/site-1` },
      environ: { SCRIPT_NAME: '', PATH_INFO: '/wiki/Start' },
    })
  })

  asRoot(`its login asks for a password, its static files need no Python (${tenants[person]})`, async () => {
    const server = await theServer()
    const ask = (path: string, headers = {}) =>
      request(server.url(path), { headers: { Host: hostOf('one-site', person), ...headers } })
    expect((await ask('/trac/login')).status).toBe(401)
    const joe = { Authorization: basicLogin('joe:test') }
    expect(JSON.parse((await ask('/trac/login', joe)).text)).toMatchObject({ environ: { REMOTE_USER: 'joe' } })
    const css = await ask('/trac/chrome/common/css/trac.css')
    expect([css.text, css.headers['content-type']]).toEqual(['body { color: black }', 'text/css; charset=utf-8'])
  })

  asRoot(`several sites in one interpreter: a directory and the page that lists it (${tenants[person]})`, async () => {
    const srv = placeOf((await theServer()).site, person, 'srv')
    for (const path of ['/trac', '/trac/site-2/wiki']) {
      expect(await survey('parent-directory', person, path)).toMatchObject({
        uid: uidOf(person),
        environment: {
          TRAC_ENV_PARENT_DIR: `${srv}/trac/sites`,
          TRAC_ENV_INDEX_TEMPLATE: `${srv}/trac/index.html`,
        },
        environ: { SCRIPT_NAME: '/trac', PATH_INFO: path.slice('/trac'.length) },
      })
    }
  })

  asRoot(`Trac’s variables of the request differ for each mount of a group (${tenants[person]})`, async () => {
    const srv = placeOf((await theServer()).site, person, 'srv')
    const one = await survey('environ', person, '/site-1')
    expect(one).toMatchObject({
      uid: uidOf(person),
      environ: { 'trac.env_path': `${srv}/trac/site-1`, 'trac.locale': 'C.UTF-8' },
    })
    expect(one['environ']).not.toHaveProperty(['trac.env_parent_dir'])
    const several = await survey('environ', person, '/sites')
    expect(several).toMatchObject({
      pid: one['pid'],
      environ: {
        'trac.env_parent_dir': `${srv}/trac/sites`,
        'trac.env_index_template': `${srv}/trac/index.html`,
        'trac.template_vars': 'title=Our projects,contact=root@trac.example',
      },
    })
    expect(several['environ']).not.toHaveProperty(['trac.env_path'])
  })
}

asRoot(
  'workers of three users are replaced after maximum-requests, also one that is alone, and no request fails',
  async () => {
    const server = await theServer()
    const loads = people.map((person) =>
      keepRequesting(server.url('/'), {
        connections: 2,
        send: { headers: { Host: hostOf('root-of-host', person) } },
      }),
    )
    const { groups } = await server.statusWhen('every process was replaced', (status) =>
      replacedOnes(status).every(({ lastExits, processes }) => lastExits.length >= processes),
    )
    for (const load of loads) expectNothingLost(await load.stop())
    const exits = replacedOnes({ groups }).flatMap(({ lastExits }) => lastExits.map(({ reason }) => reason))
    expect(new Set(exits)).toEqual(new Set(['maximum-requests']))
  },
)

const replacedOnes = ({ groups }: Pick<Status, 'groups'>): readonly GroupStatus[] =>
  groups.filter(({ name }) => name.startsWith('root-of-host'))

asRoot('six sites of six users need one file; a seventh needs its directory and a reload', async () => {
  const server = await theServer()
  const ask = (name: string) => getJson(server.url(`/trac/${name}/wiki`))
  const uids = await Promise.all(owners.map(async (_, index) => (await ask(`site-${index + 1}`))['uid']))
  expect(uids).toEqual(owners.map((owner) => (typeof owner === 'string' ? account(owner).uid : owner)))
  expect(await ask('site-5')).toMatchObject({
    environment: { TRAC_ENV: server.site.path('srv/trac/sites/site-5') },
    environ: { SCRIPT_NAME: '/trac/site-5', PATH_INFO: '/wiki' },
  })
  expect((await request(server.url('/trac/site-6/login'))).status).toBe(401)
  await makeTracSite(server.site, 'site-7', 30_007)
  expect((await request(server.url('/trac/site-7'))).status).toBe(404)
  const { pid } = await ask('site-1')
  expect((await server.wsgid('reload')).stdout).toBe('each-site-7: started')
  expect((await ask('site-7'))['uid']).toBe(30_007)
  expect((await ask('site-1'))['pid']).toBe(pid)
})

asRoot('restrict-stdout makes print() an error for one user; the others’ words stand in their logs', async () => {
  const server = await theServer()
  for (const [name, person] of [
    ['site-1', 'alice'],
    ['site-2', 'bob'],
    ['site-3', 'carol'],
  ] as const) {
    const { uid, printed } = await getJson(server.url(`/${name}?to-${name}`))
    expect(uid).toBe(uidOf(person))
    if (name === 'site-1') expect(printed).toContain('restrict-stdout')
    else expect(await server.logLine(name, /surveyor says/)).toContain(`to-${name}`)
  }
  expect(await server.log('site-1')).not.toContain('surveyor says')
})
