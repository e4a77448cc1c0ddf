// Which application a request reaches, and what a client is told when it reaches none.
import { connect } from 'node:net'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { getJson, request } from '../support/http.ts'
import { exchange } from '../support/raw-http.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const at = (mount: string, which: string, hosts: readonly string[] = []) => ({
  mount,
  script: '../apps/torture.py',
  environ: { which },
  ...(hosts.length > 0 ? { hosts } : {}),
})

const routes = forTheFile(() =>
  startWsgid({
    groups: [
      aGroup({ name: 'outer', applications: [at('/trac', 'trac'), at('/hosted', 'any host')] }),
      aGroup({
        name: 'inner',
        'limit-request-body': 1000,
        applications: [
          at('/trac/deep/er', 'deeper'),
          at('/hosted', 'exact', ['a.example']),
          at('/hosted', 'wildcard', ['*.b.example']),
        ],
      }),
    ],
  }),
)

const whichOf = async (path: string, host?: string) => {
  const server = await routes()
  const environ = await getJson(server.url(path), host === undefined ? {} : { headers: { Host: host } })
  return [environ['which'], environ['SCRIPT_NAME'], environ['PATH_INFO']]
}

test('the longest mount wins, at segment boundaries, and splits the path', async () => {
  expect(await whichOf('/trac/echo')).toEqual(['trac', '/trac', '/echo'])
  expect(await whichOf('/trac/deep/er/echo')).toEqual(['deeper', '/trac/deep/er', '/echo'])
  const between = await request((await routes()).url('/trac/deep/erx'))
  expect([between.status, between.text]).toEqual([404, 'no such path: /deep/erx'])
})

test('an application answers for its hosts, before one that answers for any', async () => {
  expect(await whichOf('/hosted/echo')).toEqual(['any host', '/hosted', '/echo'])
  expect(await whichOf('/hosted/echo', 'a.example')).toEqual(['exact', '/hosted', '/echo'])
  expect(await whichOf('/hosted/echo', 'A.Example:8080')).toEqual(['exact', '/hosted', '/echo'])
  expect(await whichOf('/hosted/echo', 'x.b.example')).toEqual(['wildcard', '/hosted', '/echo'])
  expect(await whichOf('/hosted/echo', 'b.example')).toEqual(['any host', '/hosted', '/echo'])
})

test('where nothing is mounted the answer is 404 and names nothing of the inside', async () => {
  const server = await routes()
  for (const path of ['/', '/tracker', '/trac-2/echo', '/unknown']) {
    const answer = await request(server.url(path))
    expect({ path, status: answer.status }).toEqual({ path, status: 404 })
    expect(answer.text).toContain('Nothing is served at this address')
    expect(answer.text).not.toMatch(/trac|outer|inner|torture|\.py/)
  }
})

test('a body above limit-request-body is 413, announced or counted, one at the limit passes', async () => {
  const server = await routes()
  const small = server.url('/trac/deep/er/count')
  expect(await getJson(small, { body: 'x'.repeat(1000) })).toEqual({ length: 1000 })
  expect((await request(small, { body: 'x'.repeat(1001) })).status).toBe(413)
  const chunked = { 'Transfer-Encoding': 'chunked' }
  expect(await getJson(small, { body: 'x'.repeat(1000), headers: chunked })).toEqual({ length: 1000 })
  expect((await request(small, { body: 'x'.repeat(1001), headers: chunked })).status).toBe(413)
  expect(await getJson(server.url('/trac/count'), { body: 'x'.repeat(1001) })).toEqual({ length: 1001 })
})

test('a header of 100 KiB is 431', async () => {
  const server = await routes()
  const received = await exchange(
    server.url('/'),
    `GET /trac/echo HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(102_400)}\r\n\r\n`,
  )
  expect(received).toMatch(/^HTTP\/1\.1 431 /)
})

for (const [what, bytes] of [
  [
    'Content-Length beside Transfer-Encoding',
    'POST /trac/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  [
    'two different lengths',
    'POST /trac/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
  ],
  ['a missing Host', 'GET /trac/echo HTTP/1.1\r\n\r\n'],
  ['a folded header', 'GET /trac/echo HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n folded\r\n\r\n'],
  ['a space before the colon', 'GET /trac/echo HTTP/1.1\r\nHost: x\r\nX-A : 1\r\n\r\n'],
] as const) {
  test(`an ambiguous request is 400 and ends the connection: ${what}`, async () => {
    const server = await routes()
    const received = await exchange(server.url('/'), bytes)
    expect(received).toMatch(/^HTTP\/1\.1 400 /)
    expect(received.split('HTTP/1.1 ')).toHaveLength(2)
  })
}

test('NUL in a path is 400', async () => {
  expect((await request((await routes()).url('/trac/%00echo'))).status).toBe(400)
})

test('a listener on port 0 tells the port that it got', async () => {
  const server = await routes()
  const [listen = ''] = (await server.status()).listen
  expect(listen).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/)
  const socket = connect(Number(new URL(listen).port), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.destroy()
})
