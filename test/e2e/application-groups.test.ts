// Applications with different application-groups never share a process; one group, several sets of workers.
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { aTracSite, exampleGroups, uidOf } from '../support/examples.ts'
import { getJson, isRecord } from '../support/http.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile, test } from '../support/test.ts'

const sites = forTheFile(async () => {
  const site = await aTracSite()
  const groups = exampleGroups('application-groups', site).map((group) => ({ ...group, 'access-log': 'json' }))
  return startWsgid({ site, groups })
})

asRoot(
  'each application of "%{RESOURCE}" has as many workers as the group has processes, all of them its user’s',
  async () => {
    const server = await sites()
    for (const [name, person] of [
      ['site-1', 'alice'],
      ['site-2', 'bob'],
      ['site-3', 'carol'],
    ] as const) {
      const group = await server.group(name)
      const pids = new Map<unknown, Set<unknown>>()
      for (const application of ['trac', 'wiki']) {
        const { uid, pid, environ, module } = await getJson(server.url(`/${name}/${application}`))
        expect(uid).toBe(uidOf(person))
        expect(module).toEqual([name, `*|/${name}/${application}`])
        expect(isRecord(environ) && environ['mod_wsgi.application_group']).toBe(`*|/${name}/${application}`)
        pids.set(application, new Set([pid]))
      }
      expect(group.processes).toBe(4)
      const groups = group.workers.map(({ applicationGroup }) => applicationGroup).sort()
      expect(groups).toEqual(['trac', 'trac', 'wiki', 'wiki'].map((application) => `*|/${name}/${application}`))
      const { workers } = await server.group(name)
      for (const { pid, applicationGroup } of workers)
        for (const [application, served] of pids)
          if (served.has(pid)) expect(applicationGroup).toBe(`*|/${name}/${String(application)}`)
    }
  },
)

asRoot('operators are told of groups by their names alone, and of one as one', async () => {
  const server = await sites()
  expect(server.output.filter((line) => line.includes('site-1'))).toEqual(['site-1: 4 workers ready'])
  const { stdout } = await server.wsgid('restart', 'site-1')
  expect(stdout).toMatch(/^site-1 \(application group \*\|\/site-1\/wiki\): worker \d+ pid \d+ .* ready/m)
  expect(stdout.match(/^.*restarted$/gm)).toEqual(['site-1: restarted'])
  await server.logLine('wsgid', / group=site-1 application-group=\*\|\/site-1\/wiki worker=\d+ gen=2 .* -> ready/)
  await getJson(server.url('/site-1/trac'))
  await server.logLine('site-1.access', /"group":"site-1"/)
  for (const file of readdirSync(server.site.path('log')))
    expect(`${file}: ${await server.log(basename(file, '.log'))}`).not.toMatch(/site-\d~/)
})

asRoot('restart names a group and restarts all of its workers', async () => {
  const server = await sites()
  const before = await server.pidsOf('site-2')
  const others = await server.pidsOf('site-1')
  expect(await server.wsgid('restart', 'site-2')).toMatchObject({ exitCode: 0 })
  const after = await server.pidsOf('site-2')
  expect(after).toHaveLength(4)
  expect(after.filter((pid) => before.includes(pid))).toEqual([])
  expect(await server.pidsOf('site-1')).toEqual(others)
})

test('a name, %{SERVER} and %{HOST} separate as they say, %{GLOBAL} does not', async () => {
  const at = (mount: string, hosts: readonly string[], group?: string) => ({
    ...{ mount, script: '../apps/surveyor.py' },
    ...(hosts.length > 0 && { hosts }),
    ...(group !== undefined && { 'application-group': group }),
  })
  await using server = await startWsgid({
    groups: [
      aGroup({
        name: 'mixed',
        applications: [
          at('/one', []),
          at('/two', [], '%{GLOBAL}'),
          at('/three', [], 'apart'),
          at('/four', ['a.example', 'b.example'], '%{SERVER}'),
          at('/five', ['a.example', 'b.example'], '%{HOST}'),
        ],
      }),
    ],
  })
  const groupAt = async (path: string, host = 'x') => {
    const { module } = await getJson(server.url(path), { headers: { Host: host } })
    return module
  }
  expect(await groupAt('/one')).toEqual(['mixed', ''])
  expect(await groupAt('/two')).toEqual(['mixed', ''])
  expect(await groupAt('/three')).toEqual(['mixed', 'apart'])
  expect(await groupAt('/four', 'b.example')).toEqual(['mixed', 'a.example'])
  expect(await groupAt('/five', 'a.example')).toEqual(['mixed', 'a.example'])
  expect(await groupAt('/five', 'b.example')).toEqual(['mixed', 'b.example'])
  const { workers } = await server.group()
  expect(workers.map(({ applicationGroup }) => applicationGroup).sort()).toEqual([
    '',
    'a.example',
    'apart',
    'b.example',
  ])
})
