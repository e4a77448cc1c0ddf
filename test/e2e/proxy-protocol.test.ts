// The PROXY protocol: who is believed, what is refused, and that HTTP and TLS behind it are as without.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect } from '@jest/globals'
import { freePort } from '../../scripts/servers/ports.ts'
import { aGroupAt } from '../support/a-group.ts'
import { makeCertificate } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { isRecord, request } from '../support/http.ts'
import { exchange, openConnection } from '../support/raw-http.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { atEnd, forTheFile, installed, test } from '../support/test.ts'

const groups = [aGroupAt('torture', 'torture')]
const listening = (mode: boolean | string) => [{ address: '127.0.0.1:0', 'proxy-protocol': mode }]
const accepting = forTheFile(() => startWsgid({ config: { listen: listening(true), 'access-log': 'json' }, groups }))
const requiring = forTheFile(() => startWsgid({ config: { listen: listening('required') }, groups }))

const header = 'PROXY TCP4 198.51.100.1 192.0.2.1 4711 443\r\n'
const plainRequest = 'GET /torture/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** environ in an answer's body. */
function environOf(answer: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))
  if (!isRecord(value)) throw new Error(answer)
  return isRecord(value['environ']) ? value['environ'] : value
}

test('the header names the client, for the application and the access log, also when it comes byte by byte', async () => {
  const server = await accepting()
  await using connection = await openConnection(server.url())
  connection.socket.setNoDelay(true)
  for (const byte of header + plainRequest.slice(0, 20)) {
    connection.send(byte)
    await new Promise(setImmediate)
  }
  connection.send(plainRequest.slice(20))
  expect(environOf(await connection.receive())).toMatchObject({
    ...{ REMOTE_ADDR: '198.51.100.1', REMOTE_PORT: '4711', SERVER_ADDR: '192.0.2.1', SERVER_PORT: '443' },
  })
  const line = await eventually('its line', async () =>
    (await server.log('access')).split('\n').find((each) => each.includes('198.51')),
  )
  expect(JSON.parse(line)).toMatchObject({ client: '198.51.100.1', status: 200 })
})

test('all requests of a connection are the client’s, pipelined ones too, and bodies arrive whole', async () => {
  const server = await accepting()
  const body = 'x'.repeat(100_000)
  const post = `POST /torture/sha256 HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const answers = await exchange(server.url(), header + post + post + plainRequest)
  expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
  const [, first, second] = answers.split('HTTP/1.1 200')
  expect(first?.split('\r\n\r\n')[1]).toBe(second?.split('\r\n\r\n')[1])
  expect(environOf(answers.slice(answers.lastIndexOf('\r\n\r\n')))).toMatchObject({ REMOTE_ADDR: '198.51.100.1' })
})

test('proxy-protocol: true serves who sends no header, and version 2 LOCAL, as themselves', async () => {
  const server = await accepting()
  expect(environOf(await exchange(server.url(), plainRequest))).toMatchObject({ REMOTE_ADDR: '127.0.0.1' })
  const local = '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0'
  expect(environOf(await exchange(server.url(), local + plainRequest))).toMatchObject({ REMOTE_ADDR: '127.0.0.1' })
})

test('what is malformed is closed without an answer, and the log says so', async () => {
  const server = await accepting()
  expect(await exchange(server.url(), `PROXY TCP4 nonsense\r\n${plainRequest}`)).toBe('')
  await server.logLine('wsgid', /connection closed, no good PROXY header from 127\.0\.0\.1: its addresses are none/)
})

test('proxy-protocol: required closes a connection without a header, and one that ends before it', async () => {
  const server = await requiring()
  expect(await exchange(server.url(), plainRequest)).toBe('')
  await server.logLine('wsgid', /no good PROXY header from 127\.0\.0\.1: it did not come/)
  const connection = connect(Number(new URL(server.url()).port), '127.0.0.1')
  connection.end('PROXY TCP4 ').resume()
  await once(connection, 'close')
  expect(environOf(await exchange(server.url(), header + plainRequest))).toMatchObject({ REMOTE_ADDR: '198.51.100.1' })
})

test('connections that wait for their PROXY header, or for TLS, are bounded by maximum-connections', async () => {
  const site = await makeSite()
  const listen = [...listening('required'), { address: '127.0.0.2:0', tls: makeCertificate(site.directory, 'a', []) }]
  const config = { listen, 'maximum-connections': 5, 'header-timeout': '1s' }
  await using server = await startWsgid({ site, config, groups })
  for (const { origin } of (await server.status()).listen.map((url) => new URL(url.replace(/^https/, 'http')))) {
    const complaints = async () =>
      (await server.log('wsgid')).split('maximum-connections are open or about to be').length
    const before = await complaints()
    const silent: Awaited<ReturnType<typeof openConnection>>[] = []
    const isRefused = async () => {
      silent.push(...(await Promise.all(Array.from({ length: 50 }, () => openConnection(origin)))))
      return (await complaints()) > before || undefined
    }
    await eventually(`too many wait at ${origin}`, isRefused)
    for (const connection of silent) await connection[Symbol.asyncDispose]()
  }
  const isServed = async () => (await exchange(server.url(), header + plainRequest)) !== '' || undefined
  expect(await eventually('there is room again', isServed)).toBe(true)
  // Nothing is sent, and nothing comes: closed after header-timeout.
  expect(await exchange(server.url(), '')).toBe('')
})

test('with trusted-proxies only they may send it; reload changes who and whether', async () => {
  const site = await makeSite()
  const configure = (mode: boolean | string, trusted: string) => ({
    ...{ site, groups },
    config: { listen: [{ address: '127.0.0.1:0', 'proxy-protocol': mode }], 'trusted-proxies': trusted },
  })
  await using server = await startWsgid(configure(true, '10.0.0.0/8'))
  const reload = async (mode: boolean | string, trusted: string) => {
    await writeConfiguration(site, configure(mode, trusted))
    expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
  }
  expect(await exchange(server.url(), header + plainRequest)).toMatch(/^HTTP\/1\.1 400/)
  expect(await exchange(server.url(), plainRequest)).toMatch(/^HTTP\/1\.1 200/)
  await reload('required', '10.0.0.0/8')
  expect(await exchange(server.url(), plainRequest)).toBe('')
  await server.logLine('wsgid', /127\.0\.0\.1 is none of trusted-proxies/)
  await reload('required', '127.0.0.1')
  const asked = `${header}${plainRequest.replace('Host', 'X-Forwarded-For: 6.6.6.6\r\nHost')}`
  expect(environOf(await exchange(server.url(), asked))).toMatchObject({ REMOTE_ADDR: '198.51.100.1' })
  await reload(false, '127.0.0.1')
  expect(await exchange(server.url(), header + plainRequest)).toMatch(/^HTTP\/1\.1 400/)
  expect((await request(server.url('/torture/echo'))).status).toBe(200)
})

test('the header comes before TLS', async () => {
  const site = await makeSite()
  const tls = makeCertificate(site.directory, 'a', ['a.test'])
  await using server = await startWsgid({
    ...{ site, groups },
    config: { listen: [{ address: '127.0.0.1:0', tls, 'proxy-protocol': 'required' }] },
  })
  const raw = connect(Number(new URL(server.url()).port), '127.0.0.1')
  raw.write(header)
  const secured = connectTls({ socket: raw, servername: 'a.test', rejectUnauthorized: false })
  secured.setEncoding('latin1').write(plainRequest)
  let answer = ''
  for await (const part of secured) answer += String(part)
  expect(environOf(answer)).toMatchObject({
    REMOTE_ADDR: '198.51.100.1',
    REMOTE_PORT: '4711',
    'wsgi.url_scheme': 'https',
  })
})

const haproxy = '/usr/sbin/haproxy'

/** What a client of another address than HAProxy's gets by its port, "" while HAProxy does not listen. */
async function askThrough(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.9' })
  let answer = ''
  try {
    socket.setEncoding('latin1').write(plainRequest)
    for await (const part of socket) answer += String(part)
  } catch (error) {
    if (!isRecord(error) || error['code'] !== 'ECONNREFUSED') throw error
  }
  return answer
}

for (const [version, option] of [
  [1, 'send-proxy'],
  [2, 'send-proxy-v2'],
] as const) {
  test(
    `version ${version} as HAProxy sends it`,
    async () => {
      const server = await requiring()
      const port = await freePort()
      const file = server.site.path(`haproxy-${version}.cfg`)
      await writeFile(
        file,
        `defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\n` +
          `listen l\n  bind 127.0.0.1:${port}\n  server s ${new URL(server.url()).host} ${option}\n`,
      )
      const child = spawn(haproxy, ['-f', file, '-db'], { stdio: 'ignore' })
      atEnd(async () => {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      })
      const answer = await eventually('HAProxy answers', async () => (await askThrough(port)) || undefined)
      expect(environOf(answer)).toMatchObject({
        ...{ REMOTE_ADDR: '127.0.0.9', SERVER_ADDR: '127.0.0.1', SERVER_PORT: String(port) },
      })
    },
    { needs: [installed(haproxy)] },
  )
}
