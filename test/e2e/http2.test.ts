// HTTP/2: many requests at a time on one connection, each with its own flow control and its own end.
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:http2'
import { setImmediate } from 'node:timers/promises'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { expectExplained } from '../support/explained.ts'
import { makeGate } from '../support/gate.ts'
import { writeGroup } from '../support/group-files.ts'
import { answerOf, openHttp2, requestHttp2, sendHttp2, statusOf } from '../support/secure-http.ts'
import { makeSecureSite, secureListener } from '../support/secure-site.ts'
import { startWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { nothingRuns } from '../support/status-document.ts'
import { installed, test } from '../support/test.ts'

async function aSecureServer(config: Readonly<Record<string, unknown>> = {}) {
  const secure = await makeSecureSite()
  const listen = [secureListener(secure.certify('a', ['a.example.org']))]
  const server = await startWsgid({ site: secure.site, groups: [aGroup()], config: { listen, ...config } })
  return { server, site: secure.site, ca: secure.authority('a') }
}

test('the application sees what it would see by HTTP/1.1', async () => {
  const { server, ca } = await aSecureServer()
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  const headers = { ':authority': 'shop.example.org:444', cookie: ['a=1', 'b=2'], 'x-a': ['1', '2'] }
  const { text } = await requestHttp2(session, { path: '/echo?q=%20', headers })
  expect(JSON.parse(text)).toMatchObject({
    ...{ REQUEST_METHOD: 'GET', PATH_INFO: '/echo', QUERY_STRING: 'q=%20', SERVER_PROTOCOL: 'HTTP/2.0' },
    ...{ HTTP_HOST: 'shop.example.org:444', SERVER_NAME: 'shop.example.org', SERVER_PORT: '444' },
    ...{ HTTP_COOKIE: 'a=1; b=2', HTTP_X_A: '1, 2', 'wsgi.url_scheme': 'https', HTTPS: 'on' },
  })
})

test('responses without a body, with several cookies, from wsgid itself, and broken ones', async () => {
  const { server, ca } = await aSecureServer()
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  const ask = (path: string, method = 'GET') => requestHttp2(session, { path, method })
  expect(await ask('/report', 'HEAD')).toMatchObject({ status: 200, text: '' })
  expect(await ask('/empty')).toMatchObject({ status: 204, text: '' })
  expect(await ask('/status?line=205%20Reset')).toMatchObject({ status: 205, text: '' })
  expect((await ask('/cookies')).headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2; Path=/'], 'x-umlaut': '\xfc' })
  expect(await ask('/%2f')).toMatchObject({ status: 404, text: expect.stringMatching(/Request id/) })
  expect(await ask('/status?line=999%20None')).toMatchObject({ status: 502 })
  for (let round = 0; round < 100; round += 1)
    await expect(ask('/raise-after-output')).rejects.toThrow(/INTERNAL_ERROR/)
  expect(await ask('/report')).toMatchObject({ status: 200 })
})

test('request bodies of known and unknown length arrive whole; one that is too large is refused while it comes', async () => {
  const { server, ca } = await aSecureServer({ defaults: { 'limit-request-body': '20MiB' } })
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  for (const length of [0, 3, 65_536, 65_537, 10_000_000]) {
    for (const headers of [{}, { 'content-length': String(length) }]) {
      const answer = await requestHttp2(session, { path: '/count', body: Buffer.alloc(length), headers })
      expect(answer).toMatchObject({ status: 200, text: `{"length": ${length}}` })
    }
  }
  const refused = await requestHttp2(session, { path: '/count', body: Buffer.alloc(40_000_000) })
  expect(refused).toMatchObject({ status: 413, text: expect.stringMatching(/<\/html>\s*$/) })
  expect(await requestHttp2(session, { path: '/report' })).toMatchObject({ status: 200 })
  // Else the stop would give the rest of the upload its graceful-timeout.
  session.destroy()
})

test('a body that the client waits to be asked for is asked for when the application reads', async () => {
  const { server, ca } = await aSecureServer()
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  const stream = session.request({ ':path': '/count', ':method': 'POST', expect: '100-continue' }, { endStream: false })
  await once(stream, 'continue')
  stream.end('abc')
  expect(await statusOf(stream)).toBe(200)
  session.destroy()
})

test('clients that read nothing hold neither the other streams of their connection nor the workers', async () => {
  const { server, ca } = await aSecureServer()
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  const length = 300_000
  const slow = Array.from({ length: 20 }, () => sendHttp2(session, { path: `/stream?bytes=${length}` }))
  await Promise.all(slow.map((stream) => once(stream, 'response')))
  for (let round = 0; round < 20; round += 1)
    expect(await requestHttp2(session, { path: '/report' })).toMatchObject({ status: 200 })
  const received = await Promise.all(
    slow.map(async (stream) => {
      let sum = 0
      for await (const chunk of stream as AsyncIterable<Buffer>) sum += chunk.length
      return sum
    }),
  )
  expect(received).toEqual(slow.map(() => length))
})

test('static files and logins are served as by HTTP/1.1', async () => {
  const { server, site, ca } = await aSecureServer()
  await using _ = server
  await site.write('files/a.txt', 'x'.repeat(200_000))
  const application = { mount: '/', script: '../apps/torture.py', static: { '/files': site.path('files') } }
  await writeGroup(site, aGroup({ applications: [application] }))
  expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
  const session = await openHttp2(server.url(), ca)
  const whole = await requestHttp2(session, { path: '/files/a.txt' })
  expect(whole).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } })
  expect(whole.text).toHaveLength(200_000)
  const range = await requestHttp2(session, { path: '/files/a.txt', headers: { range: 'bytes=2-5' } })
  expect(range).toMatchObject({ status: 206, text: 'xxxx' })
  expect(await requestHttp2(session, { path: '/files/none' })).toMatchObject({ status: 404 })
})

test('a client that resets a stream ends that request, and no other; a part of a body is not taken for the whole', async () => {
  const { server, site, ca } = await aSecureServer({ 'access-log': 'json' })
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  const file = `${await site.directoryOf('www-data', 'notes')}/closed`
  const gone = sendHttp2(session, { path: `/closing-endless?file=${file}` })
  await once(gone, 'response')
  gone.close(constants.NGHTTP2_CANCEL)
  const upload = session.request({ ':path': '/sha256', ':method': 'POST' }, { endStream: false })
  upload.write(Buffer.alloc(100_000))
  await server.statusWhen('the upload runs', (status) => !nothingRuns(status))
  upload.close(constants.NGHTTP2_CANCEL)
  await server.statusWhen('both are over', nothingRuns)
  await eventually('both clients are known to be gone', () => {
    const log = site.path('log', 'access.log')
    const ends = existsSync(log) ? readFileSync(log, 'utf8').match(/"cause":"client-gone"/g) : null
    return ends?.length === 2 ? true : undefined
  })
  expect(await requestHttp2(session, { path: '/report' })).toMatchObject({ status: 200 })
})

test('a listener that a reload removes says GOAWAY and finishes what runs', async () => {
  const { server, site, ca } = await aSecureServer()
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  const [idle, goaways] = [await openHttp2(server.url(), ca), [] as number[]]
  for (const each of [session, idle]) each.on('goaway', (code: number) => goaways.push(code))
  const gate = await makeGate(site, 'gate')
  const running = requestHttp2(session, { path: gate.path })
  await gate.untilBegun(1)
  await writeConfiguration(site, { groups: [aGroup()], config: { listen: [`unix:${site.path('other.sock')}`] } })
  expect(await server.wsgid('reload')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^https:.*: closed$/m),
  })
  await eventually('both were told', () => (goaways.length >= 2 ? true : undefined))
  await gate.open()
  expect(await running).toMatchObject({ status: 200 })
  expect(new Set(goaways)).toEqual(new Set([constants.NGHTTP2_NO_ERROR]))
  await eventually('both have ended', () => (session.closed && idle.closed ? true : undefined))
})

test('a client that does nothing but take requests back is sent away; others are not concerned', async () => {
  const { server, ca } = await aSecureServer()
  await using _ = server
  const [attacker, other] = [await openHttp2(server.url(), ca), await openHttp2(server.url(), ca)]
  let code: number | undefined
  attacker.on('goaway', (reason: number) => (code = reason))
  for (let round = 0; round < 2000 && !attacker.destroyed && !attacker.closed; round += 1) {
    const stream = sendHttp2(attacker, { path: '/stream?bytes=1000000' })
    stream.on('error', () => undefined)
    await setImmediate()
    stream.close(constants.NGHTTP2_CANCEL)
  }
  await eventually('it was sent away', () => (attacker.destroyed ? true : undefined))
  // The farewell is lost when the connection is closed while more of the flood is on its way.
  expect([constants.NGHTTP2_ENHANCE_YOUR_CALM, undefined]).toContain(code)
  expect(await requestHttp2(other, { path: '/report' })).toMatchObject({ status: 200 })
  await server.statusWhen('nothing of it runs on', nothingRuns)
})

test(
  'h2load: 100 streams on each of 10 connections, 0 failed',
  async () => {
    const { server } = await aSecureServer()
    await using _ = server
    for (const [path, requests] of [
      ['/report', 5000],
      ['/stream?bytes=300000', 300],
    ] as const) {
      const { stdout } = await execa('h2load', ['-n', String(requests), '-c', '10', '-m', '100', server.url(path)])
      expect(stdout).toContain(`${requests} succeeded, 0 failed, 0 errored, 0 timeout`)
      expect(stdout).toContain(`status codes: ${requests} 2xx`)
    }
  },
  { needs: [installed('/usr/bin/h2load')] },
)

test(
  'curl: HTTP/2 by ALPN, a body both ways',
  async () => {
    const { server, site } = await aSecureServer()
    await using _ = server
    const sent = await site.write('sent', 'x'.repeat(300_000))
    const args = [
      '-s',
      '--http2',
      '--cacert',
      site.path('a.pem'),
      '--data-binary',
      `@${sent}`,
      '-w',
      ' %{http_version}',
    ]
    expect((await execa('curl', [...args, server.url('/count')])).stdout).toBe('{"length": 300000} 2')
  },
  { needs: [installed('/usr/bin/curl')] },
)

test('body-timeout ends one request with 408, its page leads to the cause; connections beyond maximum-connections are closed', async () => {
  const { server, ca } = await aSecureServer({ 'maximum-connections': 1, 'body-timeout': '1s' })
  await using _ = server
  const session = await openHttp2(server.url(), ca)
  const slow = session.request({ ':path': '/count', ':method': 'POST' })
  // The answer is there before the request is: a client that has it ends what it sends.
  slow.once('end', () => slow.end())
  const { status, headers, text: body } = await answerOf(slow)
  const page = { status, headers: new Map(Object.entries(headers)), body }
  await expectExplained(server, page, { status: 408, log: 'torture', cause: /body-timeout/ })
  expect(await requestHttp2(session, { path: '/report' })).toMatchObject({ status: 200 })
  // The end of the connection may be seen before it is known to be HTTP/2, and as a reset.
  const ended = openHttp2(server.url(), ca).then((second) => (second.closed ? [] : once(second, 'close')))
  await ended.catch((error: unknown) => expect(error).toHaveProperty('code', 'ECONNRESET'))
  await server.logLine('wsgid', /connection of 127\.0\.0\.1 ended: maximum-connections \(1 at this router\) are open/)
  expect(await requestHttp2(session, { path: '/report' })).toMatchObject({ status: 200 })
  session.destroy()
})
