// Options about scripts: who must own them, and what happens when they change. One server with a group for each.
import { existsSync } from 'node:fs'
import { chmod, chown, rename } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { account, groupId } from '../support/accounts.ts'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/http.ts'
import { keepRequesting } from '../support/keep-requesting.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile, isRoot, test } from '../support/test.ts'

/** A group at "/NAME" with a script of its own, in a directory of its own. */
function at(name: string, wanted: Readonly<Record<string, unknown>>) {
  return aGroup({ name, applications: [{ mount: `/${name}`, script: `../${name}/app.py` }], ...wanted })
}

/** Answers with its version and the request's body. */
const version = (number: number) => `
def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"version ${number} " + body]
`

/** Puts another script into the place of a group's, as deployments do: never half of it. */
async function deploy(site: Site, group: string, text: string): Promise<void> {
  await rename(await site.write(`${group}/app.py.new`, text), site.path(group, 'app.py'))
}

/** A script that says by a file that its code ran. */
const markingScript = (site: Site, group: string) => `open("${marks(site)}/${group}", "w")\n${version(1)}`
const marks = (site: Site) => site.path('marks')

const reloading = ['rolling', 'immediate', 'off'] as const
const owned = ['script-user', 'not-script-user', 'script-group', 'not-script-group']

const theServer = forTheFile(async () => {
  const site = await makeSite()
  for (const name of reloading) await deploy(site, name, version(1))
  if (isRoot) await makeOwnedScripts(site)
  return startWsgid({
    site,
    groups: [
      at('rolling', { processes: 2 }),
      at('immediate', { processes: 2, 'script-reloading': 'immediate' }),
      at('off', { 'script-reloading': 'off' }),
      ...(isRoot ? owned.map((name) => at(name, demandOf(name))) : []),
    ],
    until: ({ groups }) =>
      groups.every(({ name, state }) => state === (name.startsWith('not-') ? 'failing' : 'running')),
  })
})

const demandOf = (name: string) =>
  name.endsWith('user') ? { 'script-user': 'www-data' } : { 'script-group': 'www-data' }

/** All belong to www-data and www-data, but those of the groups not-…, whose directory does and whose script does not. */
async function makeOwnedScripts(site: Site): Promise<void> {
  const { uid, gid } = account('www-data')
  await site.directoryOf('www-data', 'marks')
  for (const name of owned) {
    await deploy(site, name, markingScript(site, name))
    await chown(site.path(name), uid, gid)
    await chmod(site.path(name), 0o755)
    const other = name.startsWith('not-')
    await chown(site.path(name, 'app.py'), other ? account('games').uid : uid, other ? groupId('audio') : gid)
  }
}

async function textOf(server: RunningWsgid, group: string, body: string): Promise<string> {
  const { status, text } = await request(server.url(`/${group}`), { body })
  return status === 200 ? text : String(status)
}

for (const option of ['script-user', 'script-group']) {
  asRoot(`${option}: a script of somebody else is 403, and none of its code runs`, async () => {
    const server = await theServer()
    const { site } = server
    expect(await textOf(server, option, 'body')).toBe('version 1 body')
    expect(existsSync(`${marks(site)}/${option}`)).toBe(true)
    expect(await textOf(server, `not-${option}`, 'body')).toBe('403')
    expect(existsSync(`${marks(site)}/not-${option}`)).toBe(false)
    expect(await server.log(`not-${option}`)).toMatch(new RegExp(`app\\.py belongs to .*${option} is`))
  })

  asRoot(`${option}: a script that gets another owner while it is served is 403 from then on`, async () => {
    const server = await theServer()
    const { site } = server
    await deploy(site, option, markingScript(site, `${option}-again`))
    await chown(site.path(option, 'app.py'), account('games').uid, groupId('audio'))
    const refused = async () => ((await textOf(server, option, 'body')) === '403' ? true : undefined)
    await eventually('the script is refused', refused, 5)
    expect(existsSync(`${marks(site)}/${option}-again`)).toBe(false)
  })
}

test('script-reloading: rolling notices a changed script within about a second of a request, off does not, and no request fails', async () => {
  const server = await theServer()
  const loads = ['rolling', 'off'].map((group) => keepRequesting(server.url(`/${group}`), { connections: 2 }))
  for (const group of ['rolling', 'off']) await deploy(server.site, group, version(2))
  const begun = performance.now()
  const renewed = async () => {
    const texts = await Promise.all(Array.from({ length: 4 }, () => textOf(server, 'rolling', '')))
    return texts.every((text) => text === 'version 2 ') || undefined
  }
  await eventually('all workers have the new script', renewed)
  expect(performance.now() - begun).toBeLessThan(3000)
  expect(await textOf(server, 'off', '')).toBe('version 1 ')
  for (const load of loads) expectNothingLost(await load.stop())
  expect((await server.group('rolling')).lastExits.map(({ reason }) => reason)).toEqual(['reload', 'reload'])
  expect((await server.group('off')).generation).toBe(1)
})

test('script-reloading: immediate has the very next request answered by the new script, its body included', async () => {
  const server = await theServer()
  expect(await textOf(server, 'immediate', 'a')).toBe('version 1 a')
  await deploy(server.site, 'immediate', version(2))
  expect(await textOf(server, 'immediate', 'b')).toBe('version 2 b')
  await deploy(server.site, 'immediate', version(3))
  const many = await Promise.all(Array.from({ length: 8 }, (_, index) => textOf(server, 'immediate', `c${index}`)))
  expect(many).toEqual(many.map((_, index) => `version 3 c${index}`))
})

test('script-reloading: immediate answers 500 while the new script does not load, and by the next good one at once', async () => {
  const server = await theServer()
  await deploy(server.site, 'immediate', 'raise ValueError("a bad deploy")\n')
  expect(await textOf(server, 'immediate', 'd')).toBe('500')
  expect((await server.group('immediate')).lastError).toContain('a bad deploy')
  await deploy(server.site, 'immediate', version(4))
  expect(await textOf(server, 'immediate', 'e')).toBe('version 4 e')
})
