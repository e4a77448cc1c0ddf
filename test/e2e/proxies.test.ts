// What proxies in front of wsgid say of their clients: believed from trusted ones, dropped from everybody else.
import { expect } from '@jest/globals'
import { aGroup, aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { getJson, request } from '../support/http.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const groups = [
  aGroupAt('torture', 'torture'),
  aGroup({ name: 'hosted', applications: [{ mount: '/torture', hosts: ['a.test'], script: '../apps/torture.py' }] }),
]
const trusting = forTheFile(() =>
  startWsgid({ config: { 'trusted-proxies': ['127.0.0.1', '10.0.0.0/8'], 'access-log': 'json' }, groups }),
)
const plain = forTheFile(() => startWsgid({ groups }))

const everything = {
  'X-Forwarded-For': '6.6.6.6, 198.51.100.1:4711, 10.0.0.2',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'www.a.test:8443',
  'X-Forwarded-Port': '444',
  'X-Real-IP': '6.6.6.6',
  'X-Forwarded-SSL': 'on',
}

/** environ as the application sees it. */
async function environ(server: RunningWsgid, headers: Readonly<Record<string, string>>) {
  const answer = await getJson(server.url('/torture/echo'), { headers })
  return (answer['environ'] ?? answer) as Readonly<Record<string, unknown>>
}

const aboutProxies = (variables: Readonly<Record<string, unknown>>) =>
  Object.keys(variables).filter((name) => /FORWARDED|REAL_IP/.test(name))

test('what a trusted proxy says is what the application sees', async () => {
  const seen = await environ(await trusting(), everything)
  expect(seen).toMatchObject({
    ...{ REMOTE_ADDR: '198.51.100.1', REMOTE_PORT: '4711', HTTP_HOST: 'www.a.test:8443', SERVER_NAME: 'www.a.test' },
    ...{ SERVER_PORT: '444', REQUEST_SCHEME: 'https', HTTPS: 'on', 'wsgi.url_scheme': 'https' },
    ...{ HTTP_X_FORWARDED_FOR: '198.51.100.1:4711, 10.0.0.2', HTTP_X_FORWARDED_PROTO: 'https' },
  })
  expect(aboutProxies(seen).sort()).toEqual(['FOR', 'HOST', 'PORT', 'PROTO'].map((name) => `HTTP_X_FORWARDED_${name}`))
})

test('Forwarded is believed as well, and without a port there is no REMOTE_PORT', async () => {
  const seen = await environ(await trusting(), { Forwarded: 'for="[2001:db8::1]";proto=https;host=a.test' })
  expect(seen).toMatchObject({
    REMOTE_ADDR: '2001:db8::1',
    'wsgi.url_scheme': 'https',
    HTTP_HOST: 'a.test',
    SERVER_PORT: '443',
  })
  expect(seen).not.toHaveProperty('REMOTE_PORT')
})

test('from anybody else none of it reaches an application', async () => {
  const server = await plain()
  const seen = await environ(server, { ...everything, Forwarded: 'for=6.6.6.6;proto=https' })
  const { host, port } = new URL(server.url())
  expect(seen).toMatchObject({
    REMOTE_ADDR: '127.0.0.1',
    HTTP_HOST: host,
    SERVER_PORT: port,
    'wsgi.url_scheme': 'http',
  })
  expect(aboutProxies(seen)).toEqual([])
  expect(seen).not.toHaveProperty('HTTPS')
})

test('the host that a trusted proxy names decides which application is asked, and the access log has its client', async () => {
  const server = await trusting()
  const asked = { headers: { 'X-Forwarded-Host': 'a.test', 'X-Forwarded-For': '198.51.100.7' } }
  expect((await request(server.url('/torture/echo?host'), asked)).status).toBe(200)
  const line = await eventually('its line', async () =>
    (await server.log('access')).split('\n').find((each) => each.includes('/torture/echo?host')),
  )
  expect(JSON.parse(line)).toMatchObject({ group: 'hosted', host: 'a.test', client: '198.51.100.7' })
})

test('Forwarded and X-Forwarded-* that contradict each other are refused, that agree are not', async () => {
  const server = await trusting()
  const both = (client: string) => ({ headers: { 'X-Forwarded-For': '198.51.100.1', Forwarded: `for=${client}` } })
  expect((await request(server.url('/torture/echo'), both('6.6.6.6'))).status).toBe(400)
  await server.logLine('wsgid', /answered 400: Forwarded and X-Forwarded-\* of a trusted proxy name another client/)
  expect((await request(server.url('/torture/echo'), both('198.51.100.1'))).status).toBe(200)
})

test('what cannot be read is ignored, and said once in the log', async () => {
  const server = await trusting()
  for (const nonsense of ['non\u00a7ense', 'more nonsense']) {
    expect(await environ(server, { 'X-Forwarded-For': nonsense })).toMatchObject({ REMOTE_ADDR: '127.0.0.1' })
  }
  await server.logLine('wsgid', /the trusted proxy 127\.0\.0\.1 sent what cannot be read/)
  expect((await server.log('wsgid')).split('\n').filter((line) => line.includes('cannot be read'))).toHaveLength(1)
})

test('trusted-proxy-headers: the others are dropped, so that a proxy may let them through from its clients', async () => {
  await using server = await startWsgid({
    config: { 'trusted-proxies': '127.0.0.0/8', 'trusted-proxy-headers': ['X-Forwarded-For'] },
    groups: [aGroupAt('torture', 'torture')],
  })
  const seen = await environ(server, { ...everything, Forwarded: 'for=6.6.6.6' })
  expect(seen).toMatchObject({ REMOTE_ADDR: '10.0.0.2', 'wsgi.url_scheme': 'http' })
  expect(aboutProxies(seen)).toEqual(['HTTP_X_FORWARDED_FOR'])
})
