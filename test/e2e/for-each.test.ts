// for-each: one group file, a group for each directory. Two hundred tenants, each with a uid of its own that has no account.
import { readdirSync } from 'node:fs'
import { chmod, chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { request } from '../support/http.ts'
import { familyOf } from '../support/processes.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile } from '../support/test.ts'

const tenants = 200
const uidOf = (number: number) => 20_000 + number
const nameOf = (number: number) => `site-${number}`

const groupFile = {
  'for-each': '../sites/*',
  'for-each-require': 'conf/trac.ini',
  name: '${instance}',
  user: '${owner}',
  start: 'on-demand',
  env: { SITE: '${instance}' },
  applications: [{ mount: '/${instance}', script: '../sites/${instance}/app.py' }],
}

/** Says whom it runs as, in which process, and for which site. */
const script = `
import os
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("%s %s %s" % (os.environ["SITE"], os.getuid(), os.getpid())).encode()]
`

async function makeTenant(site: Site, name: string, uid: number): Promise<void> {
  const directory = site.path('sites', name)
  await mkdir(`${directory}/conf`, { recursive: true })
  await writeFile(`${directory}/conf/trac.ini`, '')
  await writeFile(`${directory}/app.py`, script)
  await chown(directory, uid, uid)
}

const theServer = forTheFile(async () => {
  const site = await makeSite()
  const numbers = Array.from({ length: tenants }, (_, index) => index + 1)
  await Promise.all(numbers.map((number) => makeTenant(site, nameOf(number), uidOf(number))))
  return startWsgid({ site, groups: [groupFile], until: ({ state }) => state === 'running' })
})

async function answerOf(server: RunningWsgid, name: string): Promise<string> {
  const { status, text } = await request(server.url(`/${name}`))
  return status === 200 ? text : String(status)
}

const pidOf = async (server: RunningWsgid, name: string) => (await answerOf(server, name)).split(' ')[2]

asRoot(
  'two hundred idle groups have no process and no descriptor; a request to one starts it as its owner',
  async () => {
    const server = await theServer()
    const { groups, routers } = await server.status()
    expect(groups.map(({ state }) => state)).toEqual(Array.from({ length: tenants }, () => 'idle'))
    expect(familyOf(server.pid).map(({ pid }) => pid)).toEqual([server.pid, ...routers.map(({ pid }) => pid)])
    expect(readdirSync(`/proc/${server.pid}/fd`).length).toBeLessThan(100)
    for (const number of [1, 77, 200]) {
      expect(await answerOf(server, nameOf(number))).toMatch(new RegExp(`^${nameOf(number)} ${uidOf(number)} \\d+$`))
    }
    expect(await answerOf(server, 'site-201')).toBe('404')
  },
)

asRoot('reload adds and removes directories and touches no other group', async () => {
  const server = await theServer()
  const { site } = server
  const before = await pidOf(server, 'site-2')
  await makeTenant(site, 'added', 30_000)
  await rm(site.path('sites', 'site-3'), { recursive: true })
  const { stdout, exitCode } = await server.wsgid('reload')
  expect({ stdout, exitCode }).toEqual({ stdout: 'added: started\nsite-3: removed', exitCode: 0 })
  expect(await answerOf(server, 'added')).toMatch(/^added 30000 /)
  expect(await answerOf(server, 'site-3')).toBe('404')
  expect(await pidOf(server, 'site-2')).toBe(before)
  const { groups } = await server.status()
  expect(groups).toHaveLength(tenants)
  expect(groups.filter(({ generation }) => generation !== 1)).toEqual([])
})

asRoot('directories that make no group are said, those without what is required are not', async () => {
  const server = await theServer()
  const { site } = server
  await makeTenant(site, 'of-root', 0)
  await makeTenant(site, 'lost+found', 30_001)
  await symlink('site-1', site.path('sites', 'link'))
  await makeTenant(site, 'unfinished', 30_002)
  await rm(site.path('sites', 'unfinished', 'conf', 'trac.ini'))
  const { stdout, stderr, exitCode } = await server.wsgid('check')
  expect(exitCode).toBe(0)
  expect(stdout).not.toMatch(/of-root|lost|link|unfinished/)
  expect(stderr.split('\n').filter((line) => line.startsWith('wsgid:'))).toEqual([
    expect.stringMatching(/yaml:1:11: ".*lost\+found" makes no group: its name/),
    expect.stringMatching(/yaml:1:11 \(instance link\): ".*" makes no group: it is a symbolic link/),
    expect.stringMatching(/yaml:1:11 \(instance of-root\): ".*" makes no group: it belongs to root/),
  ])
})

asRoot(
  'a tenant who breaks his own site keeps neither the others from a reload nor his workers from serving',
  async () => {
    const server = await theServer()
    const { site } = server
    const before = await pidOf(server, 'site-4')
    await rename(site.path('sites/site-4/app.py'), site.path('sites/site-4/gone.py'))
    await chmod(site.path('sites/site-5/app.py'), 0o666)
    await makeTenant(site, 'added-later', 30_003)
    const { stdout, stderr, exitCode } = await server.wsgid('reload')
    expect({ stdout, exitCode }).toEqual({ stdout: 'added-later: started', exitCode: 0 })
    expect(stderr).toMatch(/\(instance site-4\): script ".*" does not exist; the group is left out/)
    expect(stderr).toMatch(/\(instance site-5\): script ".*" is writable by everyone .*; the group is left out/)
    expect(await server.pidsOf('site-4')).toEqual([Number(before)])
  },
)

asRoot('a directory in which others could make directories is refused', async () => {
  const server = await theServer()
  await chmod(server.site.path('sites'), 0o777)
  const { stderr, exitCode } = await server.wsgid('check')
  await chmod(server.site.path('sites'), 0o755)
  expect(exitCode).toBe(78)
  expect(stderr).toMatch(/yaml:1:11: directory of for-each ".*\/sites" is writable by everyone/)
})
