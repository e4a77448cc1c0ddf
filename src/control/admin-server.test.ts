import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { createAdminServer, plainAnswer, type AdminApi } from './admin-server.ts'

const api: AdminApi = {
  metrics: (accept) => Promise.resolve({ status: 200, contentType: 'a/b', body: `for ${accept}` }),
  health: () => plainAnswer(200, 'alive'),
  readiness: (group) => plainAnswer(group === 'bad' ? 503 : 200, `group ${group ?? '-'}`),
}

async function served(answers: AdminApi | undefined, patience?: Parameters<typeof createAdminServer>[1]) {
  const server = createAdminServer(() => answers, patience)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { port, server, [Symbol.dispose]: close }
}

/** Sends bytes and returns everything that comes until the connection ends. */
async function exchange(port: number, bytes: string): Promise<string> {
  const client = connect(port, '127.0.0.1')
  client.write(bytes)
  let text = ''
  client.setEncoding('latin1').on('data', (data: string) => (text += data))
  await once(client, 'close')
  return text
}

const head = (line: string, more = ''): string => `${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`

test.each([
  ['GET /metrics', 200, 'for x/y'],
  ['GET /healthz', 200, 'alive\n'],
  ['GET /readyz', 200, 'group -\n'],
  ['GET /readyz?group=a%20b', 200, 'group a b\n'],
  ['GET /readyz?group=bad', 503, 'group bad\n'],
  ['GET /', 404, 'there are /metrics, /healthz and /readyz, which takes ?group=NAME\n'],
  ['GET /metrics/', 404, 'there are /metrics, /healthz and /readyz, which takes ?group=NAME\n'],
  ['HEAD /healthz', 200, ''],
  ['POST /metrics', 405, 'only GET and HEAD are answered\n'],
  ['DELETE /healthz', 405, 'only GET and HEAD are answered\n'],
])('%s is answered %i', async (line, status, body) => {
  using admin = await served(api)
  const answer = await exchange(admin.port, head(line, 'Accept: x/y\r\n'))
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(body)
})

test.each([
  ['Content-Length: 20\r\n', 'GET /healthz HTTP/1.1'],
  ['Transfer-Encoding: chunked\r\n', '0\r\n\r\n'],
])('a request with a body is refused, and what follows on its connection is not read: %j', async (header, rest) => {
  using admin = await served(api)
  const answer = await exchange(admin.port, `GET /metrics HTTP/1.1\r\nHost: a\r\n${header}\r\n${rest}`)
  expect(answer).toMatch(/^HTTP\/1.1 413 /)
  expect(answer.match(/HTTP\/1.1/g)).toHaveLength(1)
})

test('a failure to find out is a 500 with its reason, and the next question is answered', async () => {
  let fails = true
  const metrics = () => (fails ? Promise.reject(new Error('no luck')) : Promise.resolve(plainAnswer(200, 'ok')))
  using admin = await served({ ...api, metrics })
  expect(await exchange(admin.port, head('GET /metrics'))).toMatch(/^HTTP\/1.1 500 .*cannot tell: no luck/s)
  fails = false
  expect(await exchange(admin.port, head('GET /metrics'))).toMatch(/^HTTP\/1.1 200 /)
})

test('before the server can tell anything it says 503', async () => {
  using admin = await served(undefined)
  expect(await exchange(admin.port, head('GET /healthz'))).toMatch(/^HTTP\/1.1 503 .*starting/s)
})

test('of more connections than thirty-two the last ones are closed', async () => {
  using admin = await served(api)
  const clients = Array.from({ length: 33 }, () => connect(admin.port, '127.0.0.1').on('error', () => undefined))
  await once(admin.server, 'drop')
  expect(await promisify(admin.server.getConnections.bind(admin.server))()).toBe(32)
  for (const client of clients) client.destroy()
})

test('a head that does not come, or is too long, loses its connection', async () => {
  using admin = await served(api, { head: 50, answer: 60_000, keepAlive: 60_000 })
  expect(await exchange(admin.port, 'GET /healthz HTTP/1.1\r\n')).toMatch(/^HTTP\/1.1 408 /)
  const tooLong = `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`
  expect(await exchange(admin.port, tooLong)).toMatch(/^HTTP\/1.1 431 /)
})

test('an answer that its client does not take is given up, and its place is free again', async () => {
  // More than both ends of a connection hold.
  const metrics = () => Promise.resolve(plainAnswer(200, 'x'.repeat(64 * 1024 * 1024)))
  using admin = await served({ ...api, metrics }, { head: 60_000, answer: 50, keepAlive: 60_000 })
  const accepted = once(admin.server, 'connection')
  const client = connect(admin.port, '127.0.0.1')
  client.on('error', () => undefined).pause()
  client.write(head('GET /metrics'))
  const [place] = (await accepted) as [Socket]
  await once(place, 'close', { signal: AbortSignal.timeout(4000) }).finally(() => client.destroy())
})
