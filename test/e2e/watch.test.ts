// watch: true applies added and removed directories and group files by itself.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { test } from '../support/test.ts'

const sites = aGroup({
  'for-each': '../sites/*',
  'for-each-require': 'conf/trac.ini',
  name: '${instance}',
  start: 'on-demand',
  applications: [{ mount: '/${instance}', script: '../apps/torture.py' }],
})

const untilNames = (server: RunningWsgid, ...names: readonly string[]) =>
  server.statusWhen(`groups ${names.join(', ')}`, ({ groups }) => {
    const found = groups.map(({ name }) => name)
    return found.length === names.length && names.every((name) => found.includes(name))
  })

test('watch: directories and group files come and go by themselves, an invalid one changes nothing and is logged once', async () => {
  const site = await makeSite()
  const server = await startWsgid({ site, groups: [sites, aGroup({ name: 'kept' })], config: { watch: true } })
  const { pid } = (await server.group('kept')).workers[0] ?? {}
  // The directory of the directories is not there yet, and what is required comes last.
  await mkdir(site.path('sites', 'a'), { recursive: true })
  await mkdir(site.path('sites', 'a', 'conf'))
  await writeFile(site.path('sites', 'a', 'conf', 'trac.ini'), '')
  await untilNames(server, 'kept', 'a')

  await writeFile(site.path('groups.d', 'bad.yaml'), 'threds: 3\n')
  const refusals = async () => (await server.log('wsgid')).match(/nothing was changed/g)?.length
  expect(await eventually('the refusal is logged', refusals)).toBe(1)
  await mkdir(site.path('elsewhere'))
  await rm(site.path('groups.d', 'bad.yaml'))
  await rename(site.path('sites', 'a'), site.path('elsewhere', 'a'))
  await untilNames(server, 'kept')
  expect(await refusals()).toBe(1)
  expect(await server.pidsOf('kept')).toEqual([pid])
})
