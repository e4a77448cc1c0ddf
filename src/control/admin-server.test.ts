import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { createAdminServer, plainAnswer, type AdminApi } from './admin-server.ts'

const api: AdminApi = {
  metrics: (accept) => Promise.resolve({ status: 200, contentType: 'a/b', body: `for ${accept}` }),
  health: () => plainAnswer(200, 'alive'),
  readiness: (group) => plainAnswer(group === 'bad' ? 503 : 200, `group ${group ?? '-'}`),
}

async function served(answers: AdminApi | undefined) {
  const server = createAdminServer(() => answers)
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

test('connections and the time of heads are bounded', async () => {
  using admin = await served(api)
  expect(admin.server.maxConnections).toBe(32)
  expect([admin.server.headersTimeout, admin.server.requestTimeout]).toEqual([5000, 5000])
  const tooLong = `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: a\r\n\r\n`
  expect(await exchange(admin.port, tooLong)).toMatch(/^HTTP\/1.1 431 /)
})
