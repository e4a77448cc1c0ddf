// Which host reaches whom, and where aliases send people; the configuration is docs/examples/virtual-hosts.
import { expect } from '@jest/globals'
import { aTracSite, exampleGroups, uidOf } from '../support/examples.ts'
import { getJson, request } from '../support/http.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile } from '../support/test.ts'

const hosts = forTheFile(async () => {
  const site = await aTracSite()
  return startWsgid({ site, groups: exampleGroups('virtual-hosts', site) })
})

asRoot('an exact host, a wildcard and the default host each reach their own group', async () => {
  const server = await hosts()
  const uidAt = async (host: string) => (await getJson(server.url('/'), { headers: { Host: host } }))['uid']
  expect(await uidAt('alice.example')).toBe(uidOf('alice'))
  expect(await uidAt('wiki.bob.example')).toBe(uidOf('bob'))
  expect(await uidAt('elsewhere.example')).toBe(uidOf('carol'))
})

asRoot('an alias is redirected to the first host, with scheme, port, path and query as they were', async () => {
  const server = await hosts()
  const ask = async (method: string, target: string, host: string) => {
    const { status, headers } = await request(server.url(target), { method, headers: { Host: host } })
    return [status, headers.location]
  }
  expect(await ask('GET', '/a%20b/?x=1&y=%2F', 'www.alice.example')).toEqual([
    301,
    'http://alice.example/a%20b/?x=1&y=%2F',
  ])
  expect(await ask('HEAD', '/', 'ALICE.example.net:8080')).toEqual([301, 'http://alice.example:8080/'])
  expect(await ask('POST', '/form', 'www.alice.example')).toEqual([308, 'http://alice.example/form'])
})
