// PEP 3333 through the real server: what an application is given, environ and request bodies.
import { createHash, randomBytes } from 'node:crypto'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { getJson, keepAliveAgent, request } from '../support/http.ts'
import { openConnection } from '../support/raw-http.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { test } from '../support/test.ts'
import { tortureForTheFile } from '../support/torture-site.ts'
import { complaint } from '../support/validator-complaint.ts'

const { served: torture, url, jsonOf } = tortureForTheFile()

test('environ carries the CGI and wsgi variables of PEP 3333', async () => {
  const target = new URL(await url('/echo?a=1&b=%20'))
  const environ = await jsonOf('/echo?a=1&b=%20', { headers: { 'X-Several-Words': 'yes', Cookie: 'c=1' } })
  expect(environ).toMatchObject({
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: '/echo',
    QUERY_STRING: 'a=1&b=%20',
    REQUEST_URI: '/echo?a=1&b=%20',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_NAME: '127.0.0.1',
    SERVER_PORT: target.port,
    REMOTE_ADDR: '127.0.0.1',
    HTTP_HOST: target.host,
    HTTP_X_SEVERAL_WORDS: 'yes',
    HTTP_COOKIE: 'c=1',
    'wsgi.version': [1, 0],
    'wsgi.url_scheme': 'http',
    'wsgi.multithread': true,
    'wsgi.multiprocess': false,
    'wsgi.run_once': false,
    'wsgi.input_terminated': true,
    'torture.which': 'root',
    'mod_wsgi.process_group': 'torture',
    types: ['str'],
  })
  expect(environ).not.toHaveProperty('HTTP_CONTENT_LENGTH')
})

test('environ carries the variables that mod_wsgi adds', async () => {
  const { server, site } = await torture()
  const before = Date.now() / 1000
  const environ = await jsonOf('/echo', { headers: { Host: 'Example.ORG:81' } })
  const { pid } = (await server.status()).routers[0] ?? { pid: 0 }
  expect(environ).toMatchObject({
    SERVER_NAME: 'example.org',
    SERVER_PORT: '81',
    DOCUMENT_ROOT: site.path('apps'),
    CONTEXT_PREFIX: '',
    CONTEXT_DOCUMENT_ROOT: site.path('apps'),
    SCRIPT_FILENAME: site.path('apps', 'torture.py'),
    SERVER_ADMIN: '[no address given]',
    'mod_wsgi.application_group': '',
    'mod_wsgi.callable_object': 'application',
    'mod_wsgi.request_handler': 'wsgi-script',
    'mod_wsgi.handler_script': '',
    'mod_wsgi.script_name': '',
    'mod_wsgi.path_info': '/echo',
    'mod_wsgi.script_reloading': '1',
    'mod_wsgi.enable_sendfile': '0',
    'mod_wsgi.ignore_activity': '0',
    'mod_wsgi.listener_host': '127.0.0.1',
    'mod_wsgi.listener_port': new URL(server.url()).port,
    'mod_wsgi.server_pid': String(pid),
  })
  expect([1, 2, 3, 4, 5]).toContain(environ['mod_wsgi.thread_id'])
  const times = ['request_start', 'queue_start', 'daemon_start', 'application_start'].map(
    (n) => environ[`mod_wsgi.${n}`],
  )
  expect(times).toEqual(times.toSorted((a, b) => Number(a) - Number(b)))
  expect(times[0]).toBeGreaterThan(before - 1)
  expect(times[3]).toBeLessThan(Date.now() / 1000 + 1)
})

test('the module mod_wsgi tells of the group and keeps data of one request', async () => {
  for (const word of ['first', 'second', 'third', 'fourth', 'fifth', 'sixth']) {
    expect(await jsonOf(`/mod-wsgi?word=${word}`)).toEqual({
      version: [6, 0, 5],
      process_group: 'torture',
      application_group: '',
      maximum_processes: 1,
      threads_per_process: 5,
      file_wrapper: true,
      before: {},
      after: { word },
      outside: ['mod_wsgi.request_data: this thread serves no request'],
    })
  }
})

test('requests of one connection have its number in environ, those of another have another', async () => {
  const agent = keepAliveAgent()
  const numbers = []
  for (const options of [{ agent }, { agent }, {}])
    numbers.push((await jsonOf('/echo', options))['mod_wsgi.connection_id'])
  agent.destroy()
  expect(numbers[0]).toBe(numbers[1])
  expect(numbers[2]).not.toBe(numbers[0])
})

test('the time at which a request with a body came into the queue is when its body was there', async () => {
  await using connection = await openConnection(await url('/'))
  connection.send('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n')
  // Time goes by, and the head is there before the body.
  await request(await url('/report'))
  connection.send('abc')
  const answer = await connection.receive((received) => received.includes('}'))
  const times = [...answer.matchAll(/"mod_wsgi\.(?:request|queue)_start": ([\d.]+)/g)].map((match) => Number(match[1]))
  expect(times).toHaveLength(2)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test('what environ of an application sets replaces what the request says', async () => {
  const site = await makeSite()
  const environ = { 'wsgi.url_scheme': 'https', SERVER_NAME: 'public.example', HTTP_X_FORGED: '', SERVER_ADMIN: 'a@b' }
  const applications = [{ mount: '/', script: '../apps/torture.py', environ }]
  await using server = await startWsgid({ site, groups: [aGroup({ applications })] })
  expect(await getJson(server.url('/echo'), { headers: { 'X-Forged': 'yes' } })).toMatchObject(environ)
})

test('text beyond ASCII arrives as PEP 3333 wants it: bytes as latin-1', async () => {
  const environ = await jsonOf('/echo?q=%C3%BC')
  expect(environ['trac.env_path']).toBe('/srv/Ã¤')
  const answer = await request(await url('/status?line=200%20Gr%C3%BC%C3%9Fe'))
  expect(answer.status).toBe(200)
  // The application encodes its latin-1 text once more.
  const path = await request(await url('/%C3%BC%20x'))
  expect(path.body.toString('utf8')).toBe('no such path: /Ã¼ x')
})

test('a header with an underscore, Proxy and Proxy-Authorization never reach the application', async () => {
  const headers = { X_Forged: '1', Proxy: 'http://evil.example', 'Proxy-Authorization': 'Basic YTpi', 'X-Good': '2' }
  const environ = await jsonOf('/echo', { headers })
  expect(environ).toMatchObject({ HTTP_X_GOOD: '2' })
  expect(environ).not.toHaveProperty('HTTP_X_FORGED')
  expect(environ).not.toHaveProperty('HTTP_PROXY')
  expect(environ).not.toHaveProperty('HTTP_PROXY_AUTHORIZATION')
})

test('Authorization is passed on, a repeated header is joined', async () => {
  const headers = { Authorization: 'Basic YTpi', 'X-Twice': ['1', '2'] }
  expect(await jsonOf('/echo', { headers })).toMatchObject({ HTTP_AUTHORIZATION: 'Basic YTpi', HTTP_X_TWICE: '1, 2' })
})

for (const [how, expected] of Object.entries({
  read: ['one\ntwo\nthree'],
  'read-minus-one': ['one\ntwo\nthree'],
  'read-none': ['one\ntwo\nthree'],
  'read-size': ['one\n', 'two\n', 'thre', 'e'],
  readline: ['one\n', 'two\n', 'three'],
  'readline-size': ['one\n', 'two\n', 'thre', 'e'],
  readlines: ['one\n', 'two\n', 'three'],
  'readlines-hint': ['one\n'],
  iterate: ['one\n', 'two\n', 'three'],
  'read-zero-then-all': ['', 'one\ntwo\nthree', ''],
})) {
  test(`wsgi.input reads a body by ${how}, with Content-Length and chunked`, async () => {
    const address = await url(`/reading?how=${how}&size=4`)
    const whole = await request(address, { body: 'one\ntwo\nthree' })
    expect(JSON.parse(whole.text)).toEqual(expected)
    const chunked = await request(address, { body: 'one\ntwo\nthree', headers: { 'Transfer-Encoding': 'chunked' } })
    expect(JSON.parse(chunked.text)).toEqual(expected)
  })
}

for (const bytes of [0, 1, 65_536, 65_537, 262_144, 3_000_000]) {
  test(`a request body of ${bytes} bytes arrives unchanged`, async () => {
    const body = randomBytes(bytes)
    const expected = { sha256: createHash('sha256').update(body).digest('hex'), length: bytes }
    expect(await jsonOf('/sha256', { body })).toEqual(expected)
    expect(await jsonOf('/sha256', { body, headers: { 'Transfer-Encoding': 'chunked' } })).toEqual(expected)
    expect(await jsonOf('/validated/sha256', { body })).toEqual(expected)
  })
}

test('a chunked body has no CONTENT_LENGTH, one with a length has it', async () => {
  const chunked = await jsonOf('/echo', { body: 'abc', headers: { 'Transfer-Encoding': 'chunked' } })
  expect(chunked).not.toHaveProperty('CONTENT_LENGTH')
  expect(await jsonOf('/echo', { body: 'abc' })).toMatchObject({ CONTENT_LENGTH: '3' })
})

test('request and response flow at the same time: a line comes back before the next one is sent', async () => {
  await using connection = await openConnection(await url('/'))
  connection.send('POST /duplex HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  // The first line is longer than what the router collects before it takes up a worker.
  for (const word of ['one'.repeat(30_000), 'two', 'three']) {
    connection.send(`${(word.length + 1).toString(16)}\r\n${word}\n\r\n`)
    const end = `${word.slice(-3)}\n`
    expect(await connection.receive((received) => received.includes(end))).toContain(end)
  }
  connection.send('0\r\n\r\n')
  expect(await connection.receive((received) => received.includes('0\r\n\r\n'))).toContain('0\r\n\r\n')
})

test('Expect: 100-continue is answered before the body is sent', async () => {
  await using connection = await openConnection(await url('/'))
  connection.send('POST /sha256 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
  expect(await connection.receive((received) => received.includes('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 100 Continue\r\n/)
  connection.send('abc')
  expect(await connection.receive((received) => received.includes('"length": 3'))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})

test('wsgiref.validate has nothing against how bodies are given', async () => {
  const { server } = await torture()
  expect((await request(server.url('/validated/reading?how=read-size'), { body: 'abc' })).status).toBe(200)
  expect(await server.log('torture')).not.toMatch(complaint)
})
