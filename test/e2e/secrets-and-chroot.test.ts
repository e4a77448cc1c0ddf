// Options of a group through the front door: what is secret stays so, and a chroot serves.
import { readFileSync, readlinkSync } from 'node:fs'
import { chmod, cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { request } from '../support/http.ts'
import { makeJail } from '../support/jail.ts'
import { environmentOf } from '../support/processes.ts'
import { makeSite } from '../support/site.ts'
import { runWsgid, startWsgid } from '../support/start-wsgid.ts'
import { asRoot, test } from '../support/test.ts'

test('env-file reaches the workers, and no status, log, check or command line', async () => {
  const site = await makeSite()
  const file = await site.write('secret.env', 'DATABASE_PASSWORD="hunter two"\n')
  await chmod(file, 0o600)
  await using server = await startWsgid({ site, groups: [aGroup({ name: 'a', 'env-file': '../secret.env' })] })
  const [worker] = (await server.group('a')).workers
  expect(environmentOf(worker?.pid ?? 0)).toMatchObject({ DATABASE_PASSWORD: 'hunter two' })
  const shown = [
    JSON.stringify(await server.status()),
    await server.log('a'),
    server.output.join('\n'),
    (await runWsgid('check', '--json', '-c', server.configFile)).stdout,
    ...server.running().map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')),
  ]
  expect(shown.filter((text) => text.includes('hunter'))).toEqual([])
})

asRoot('a group in a chroot serves, and nothing of wsgid is left in there', async () => {
  const jail = await makeJail()
  const site = await makeSite()
  await cp(site.path('apps/torture.py'), join(jail, 'torture.py'))
  {
    await using server = await startWsgid({
      site,
      groups: [aGroup({ name: 'a', chroot: jail, applications: [{ mount: '/', script: '/torture.py' }] })],
    })
    expect((await request(server.url('/'))).status).toBe(200)
    const [worker] = (await server.group('a')).workers
    expect(readlinkSync(`/proc/${worker?.pid ?? 0}/root`)).toBe(jail)
  }
  expect((await readdir(jail)).filter((name) => name.startsWith('.wsgid'))).toEqual([])
})
