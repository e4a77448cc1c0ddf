// TLS: which certificate a client gets, what reload changes, what is refused.
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { expect } from '@jest/globals'
import { aGroup, aGroupAt } from '../support/a-group.ts'
import { openRequest, request } from '../support/http.ts'
import { handshake, openHttp2, requestHttp2, requestHttps, sendHttp2 } from '../support/secure-http.ts'
import { makeSecureSite, secureListener } from '../support/secure-site.ts'
import { startWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { test } from '../support/test.ts'

const namesOf = async (url: string, options: object) =>
  (await handshake(url, options)).getPeerCertificate().subjectaltname

test('a client gets the certificate of the name that it asks for, exact before wildcard, else the first', async () => {
  const { site, certify } = await makeSecureSite()
  const certificates = [
    certify('first', ['a.example.org']),
    certify('wild', ['*.example.org']),
    certify('own', ['own.example.org']),
  ]
  const config = { listen: [secureListener(...certificates)] }
  await using server = await startWsgid({ site, groups: [aGroup()], config })
  expect(await namesOf(server.url(), { servername: 'A.example.org' })).toContain('DNS:a.example.org')
  expect(await namesOf(server.url(), { servername: 'own.example.org' })).toContain('DNS:own.example.org')
  expect(await namesOf(server.url(), { servername: 'any.example.org' })).toContain('DNS:*.example.org')
  expect(await namesOf(server.url(), { servername: 'a.b.example.org' })).toContain('DNS:a.example.org')
  expect(await namesOf(server.url(), {})).toContain('DNS:a.example.org')
})

test('HTTP/1.1 by TLS: the application sees https, the status names it; TLS 1.1 and plain text are refused', async () => {
  const { site, certify, authority } = await makeSecureSite()
  const config = { listen: [secureListener(certify('a', ['a.example.org']))] }
  await using server = await startWsgid({ site, groups: [aGroup()], config })
  const { status, text } = await requestHttps(server.url('/echo'), { ca: authority('a') })
  expect({ status, environ: JSON.parse(text) as unknown }).toMatchObject({
    status: 200,
    environ: { 'wsgi.url_scheme': 'https', HTTPS: 'on', SSL_PROTOCOL: 'TLSv1.3', SERVER_PROTOCOL: 'HTTP/1.1' },
  })
  expect((await server.status()).listen).toEqual([expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/)])
  await expect(
    handshake(server.url(), { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
  ).rejects.toThrow(/protocol version/)
  expect((await handshake(server.url(), { maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2')
  await expect(request(server.url().replace('https', 'http'))).rejects.toThrow(/hang up|ECONNRESET/)
})

test('reload takes a renewed certificate over, while connections and a running download stay', async () => {
  const { site, certify, authority } = await makeSecureSite()
  const config = { listen: [secureListener(certify('a', ['a.example.org']))] }
  await using server = await startWsgid({ site, groups: [aGroup()], config })
  const [former, { pid }] = [authority('a'), (await server.group()).workers[0] ?? { pid: 0 }]
  const session = await openHttp2(server.url(), former)
  const download = sendHttp2(session, { path: '/stream?bytes=50000000' })
  await once(download, 'response')
  certify('a', ['a.example.org', 'renewed.example.org'])
  const reloaded = await server.wsgid('reload')
  expect(reloaded).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^https:.*: changed$/m) })
  expect(await namesOf(server.url(), { servername: 'a.example.org' })).toContain('renewed.example.org')
  expect(await requestHttp2(session, { path: '/report' })).toMatchObject({ status: 200 })
  let received = 0
  for await (const chunk of download as AsyncIterable<Buffer>) received += chunk.length
  expect(received).toBe(50_000_000)
  expect(await server.pidsOf()).toEqual([pid])
  expect((await server.wsgid('reload')).stdout).toBe('nothing has changed')
})

test('reload makes a plain listener one with TLS and back; what runs on it is finished', async () => {
  const { site, certify, authority } = await makeSecureSite()
  const plain = { listen: [{ address: '127.0.0.1:0' }] }
  const secure = { listen: [secureListener(certify('a', ['a.example.org']))] }
  await using server = await startWsgid({ site, groups: [aGroup()], config: plain })
  const { host } = new URL(server.url())
  const download = await openRequest(server.url('/stream?bytes=50000000'))
  await writeConfiguration(site, { groups: [aGroup()], config: secure })
  expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
  expect((await server.status()).listen).toEqual([`https://${host}`])
  expect(await requestHttps(`https://${host}/report`, { ca: authority('a') })).toMatchObject({ status: 200 })
  let received = 0
  for await (const chunk of download as AsyncIterable<Buffer>) received += chunk.length
  expect(received).toBe(50_000_000)
  await writeConfiguration(site, { groups: [aGroup()], config: plain })
  expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
  expect(await request(server.url('/report'))).toMatchObject({ status: 200 })
})

test('a key that does not match leaves the running server as it was, and nothing of a key is shown', async () => {
  const { site, certify, authority } = await makeSecureSite()
  const [own, other] = [certify('a', ['a.example.org']), certify('b', ['b.example.org'])]
  const config = { listen: [secureListener(own)] }
  await using server = await startWsgid({ site, groups: [aGroup()], config })
  const ca = authority('a')
  copyFileSync(other.key, own.key)
  const { exitCode, stderr } = await server.wsgid('reload')
  expect(exitCode).toBe(78)
  expect(stderr).toMatch(/wsgid\.yaml:\d+:\d+: key ".*a\.key" cannot be used: it is not the key of the certificate/)
  expect(await requestHttps(server.url('/report'), { ca })).toMatchObject({ status: 200 })
  const shown = [stderr, await server.log('wsgid'), JSON.stringify(await server.status()), server.output.join('\n')]
  expect(shown.join('\n')).not.toMatch(/PRIVATE KEY/)
})

/** Sends the header itself: /own/whole with a Content-Length, everything else in pieces. */
const ownHsts = `
def application(environ, start_response):
    whole = environ['PATH_INFO'] == '/whole'
    length = [('Content-Length', '5')] if whole else []
    start_response('200 OK', [('Strict-Transport-Security', 'max-age=1'), *length])
    return [b'whole'] if whole else (b'x' * 10000 for piece in range(10))
`

test('a listener redirects to https, another sends HSTS unless the application does', async () => {
  const { site, certify, authority } = await makeSecureSite()
  await site.write('apps/own.py', ownHsts)
  const groups = [aGroup(), aGroupAt('own', 'own')]
  const listen = [
    { ...secureListener(certify('a', ['a.example.org'])), hsts: { 'max-age': 600, 'include-subdomains': true } },
    { address: '127.0.0.2:0', 'redirect-to-https': true },
  ]
  const config = { listen, 'trusted-proxies': ['127.0.0.1/32'], 'access-log': 'json' }
  await using server = await startWsgid({ site, groups, config })
  const [secure = '', plain = ''] = (await server.status()).listen
  const answer = await request(`${plain}/a%20b?c=d`, {
    method: 'POST',
    body: 'x',
    headers: { Host: 'a.example.org:80' },
  })
  const location = `https://a.example.org:${new URL(secure).port}/a%20b?c=d`
  expect(answer).toMatchObject({ status: 308, headers: { location } })
  // What a trusted proxy has taken by https would come back to it for ever.
  const forwarded = { headers: { 'X-Forwarded-Proto': 'https' } }
  expect(await request(`${plain}/report`, forwarded)).toMatchObject({ status: 200 })
  // And of others it says whose they are, and for which host.
  const named = { 'X-Forwarded-Host': 'www.example.org', 'X-Forwarded-For': '198.51.100.1' }
  expect(await request(`${plain}/named`, { headers: named })).toMatchObject({
    ...{ status: 308, headers: { location: `https://www.example.org:${new URL(secure).port}/named` } },
  })
  const line: unknown = JSON.parse(await server.logLine('access', /\/named/))
  expect(line).toMatchObject({ status: 308, client: '198.51.100.1', host: 'www.example.org' })
  const contradicting = { ...named, Forwarded: 'host=other.example.org' }
  expect(await request(`${plain}/`, { headers: contradicting })).toMatchObject({ status: 400 })
  expect(await request(`${plain}/${'x'.repeat(9000)}`)).toMatchObject({ status: 414 })
  expect(answer.headers).not.toHaveProperty('strict-transport-security')
  const hsts = { 'strict-transport-security': 'max-age=600; includeSubDomains' }
  const ca = authority('a')
  // A small response, a streamed one and one of wsgid's own.
  for (const [path, status] of [
    ['/report', 200],
    ['/stream?bytes=100000', 200],
    ['/%2f', 404],
  ] as const)
    expect(await requestHttps(`${secure}${path}`, { ca })).toMatchObject({ status, headers: hsts })
  const session = await openHttp2(secure, ca)
  expect((await requestHttp2(session, { path: '/report' })).headers).toMatchObject(hsts)
  // Two of them would come joined by a comma. A small answer on a connection that is kept is written past node:http.
  const agent = new Agent({ keepAlive: true })
  for (const path of ['/own/whole', '/own/streamed']) {
    const answers = [
      await requestHttps(`${secure}${path}`, { ca }),
      await requestHttps(`${secure}${path}`, { ca, agent }),
      await requestHttp2(session, { path }),
    ]
    expect(answers.map(({ headers }) => headers['strict-transport-security'])).toEqual(Array(3).fill('max-age=1'))
  }
  agent.destroy()

  await writeConfiguration(site, { groups, config: { ...config, listen: [listen[0], '127.0.0.2:0'] } })
  expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
  const response = await openRequest(`${plain}/report`)
  expect(response.resume().statusCode).toBe(200)
})
