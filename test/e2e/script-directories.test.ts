// script-directories: only scripts in permitted places, also when a tenant swaps his for a link after it was loaded.
import { existsSync } from 'node:fs'
import { chmod, chown, rename, symlink, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroup, tenant } from '../support/a-group.ts'
import { account } from '../support/accounts.ts'
import { eventually } from '../support/eventually.ts'
import { exampleGroups, exampleServer, tenants } from '../support/examples.ts'
import { request } from '../support/http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { asRoot, test } from '../support/test.ts'

const script = (text: string) => `
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"${text}"]
`

/** A group at "/NAME" whose script stands in permitted/NAME. */
const at = (name: string, user: string, wanted: Readonly<Record<string, unknown>> = {}) =>
  aGroup({
    name,
    ...tenant(user),
    applications: [{ mount: `/${name}`, script: `../permitted/${name}/app.py` }],
    ...wanted,
  })

async function swapForLink(site: Site, name: string, target: string): Promise<void> {
  await symlink(target, site.path('permitted', name, 'link'))
  await rename(site.path('permitted', name, 'link'), site.path('permitted', name, 'app.py'))
}

test("a script that is swapped for a link to another tenant's is 403, its code never runs, and a check names both places", async () => {
  const site = await makeSite()
  await site.write('permitted/rolling/app.py', script('mine'))
  await site.write('permitted/off/app.py', script('mine'))
  await site.directoryOf('www-data', 'marks')
  const secret = await site.write('elsewhere/app.py', `open("${site.path('marks')}/ran", "w")\n${script('not mine')}`)
  const server = await startWsgid({
    site,
    groups: [at('rolling', 'www-data'), at('off', 'www-data', { 'script-reloading': 'off' })],
    config: { 'script-directories': ['permitted'] },
  })
  for (const name of ['rolling', 'off']) {
    expect((await request(server.url(`/${name}`))).text).toBe('mine')
    await swapForLink(site, name, secret)
    const refused = async () => (await request(server.url(`/${name}`))).status === 403 || undefined
    await eventually(`${name} is refused`, refused, 10)
  }
  expect((await server.wsgid('restart', 'off')).exitCode).toBe(1)
  expect((await request(server.url('/off'))).status).toBe(403)
  expect(existsSync(site.path('marks', 'ran'))).toBe(false)
  const { stderr, exitCode } = await server.wsgid('check')
  expect(exitCode).toBe(78)
  expect(stderr).toMatch(/off\.yaml:\d+:\d+: script ".*", which is ".*elsewhere\/app\.py",.* of .*wsgid\.yaml:\d+:\d+/)
})

asRoot(
  "scripts of three users stand in one directory; one that is not its user's or group's, or stands elsewhere, is refused",
  async () => {
    const site = await makeSite()
    await site.write('srv/scripts/trac.wsgi', script('of root'))
    for (const [name, { uid, gid }] of [
      ['alice', account(tenants.alice)] as const,
      ['bob', account(tenants.bob)] as const,
    ]) {
      await site.write(`srv/scripts/${name}/trac.wsgi`, script(`of ${name}`))
      await chown(site.path('srv/scripts', name), uid, gid)
      await chown(site.path('srv/scripts', name, 'trac.wsgi'), uid, gid)
    }
    const groups = exampleGroups('script-directories', site)
    const config = exampleServer('script-directories', site)
    const server = await startWsgid({ site, groups, config })
    const textAt = async (name: string) => {
      const { status, text } = await request(server.url(`/${name}`))
      return status === 200 ? text : String(status)
    }
    expect([await textAt('site-1'), await textAt('site-2'), await textAt('site-3')]).toEqual([
      'of alice',
      'of bob',
      'of root',
    ])
    // script-group: everybody of the group may write. script-user: it is nobody else's.
    await chmod(site.path('srv/scripts/bob/trac.wsgi'), 0o664)
    await chown(site.path('srv/scripts/alice/trac.wsgi'), account(tenants.carol).uid, 0)
    await eventually("alice's script is refused", async () => (await textAt('site-1')) === '403' || undefined)
    expect(await textAt('site-2')).toBe('of bob')
    await rename(site.path('srv/scripts/trac.wsgi'), site.path('srv/trac.wsgi'))
    await symlink('../trac.wsgi', site.path('srv/scripts/trac.wsgi'))
    await eventually("carol's script is refused", async () => (await textAt('site-3')) === '403' || undefined)
    expect(await textAt('site-2')).toBe('of bob')
  },
)

asRoot("without script-directories too, a link to another tenant's private script serves nothing of it", async () => {
  const site = await makeSite()
  const theirs = await site.directoryOf('games', 'theirs')
  await writeFile(`${theirs}/app.py`, script('classified'))
  const own = await site.write('permitted/own/app.py', script('mine'))
  const { uid, gid } = account('www-data')
  await chown(site.path('permitted/own'), uid, gid)
  await chown(own, uid, gid)
  const server = await startWsgid({ site, groups: [at('own', 'www-data', { 'script-reloading': 'off' })] })
  expect((await request(server.url('/own'))).text).toBe('mine')
  await swapForLink(site, 'own', `${theirs}/app.py`)
  // What runs stays; a new worker reads the script as its user, who cannot.
  const { exitCode, stderr } = await server.wsgid('restart', 'own')
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/Permission denied/)])
  const { status, text } = await request(server.url('/own'))
  expect([status, text]).toEqual([200, 'mine'])
  const check = await server.wsgid('check')
  expect([check.exitCode, check.stderr]).toEqual([
    78,
    expect.stringMatching(/own\.yaml:\d+:\d+: script ".*own\/app\.py"/),
  ])
})
