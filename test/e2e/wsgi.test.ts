// PEP 3333 through the real server: what an application is given, and what becomes of what it answers.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { getJson, keepAliveAgent, openRequest, request } from '../support/http.ts'
import { exchange, openConnection } from '../support/raw-http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

type Served = Readonly<{ server: RunningWsgid; site: Site }>

const torture = forTheFile<Served>(async () => {
  const site = await makeSite()
  const applications = [
    { mount: '/', script: '../apps/torture.py', environ: { 'torture.which': 'root', 'trac.env_path': '/srv/ä' } },
    { mount: '/validated', script: '../apps/validated.py' },
  ]
  const env = { VALIDATED_SCRIPT: site.path('apps', 'torture.py') }
  return { site, server: await startWsgid({ site, groups: [aGroup({ applications, env, threads: 5 })] }) }
})

const url = async (path: string) => (await torture()).server.url(path)
const jsonOf = async (path: string, options = {}) => getJson(await url(path), options)

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

test('each chunk of a generator is sent before the next one is asked for', async () => {
  const { site, server } = await torture()
  const gates = site.path('chunk-gates')
  await mkdir(gates)
  const response = await openRequest(server.url(`/chunks?count=3&gates=${await openGate(gates, 0)}`))
  const chunks: AsyncIterable<Buffer> = response
  const received: string[] = []
  for await (const chunk of chunks) {
    received.push(chunk.toString())
    await openGate(gates, received.length)
  }
  expect(received).toEqual(['chunk 0\n', 'chunk 1\n', 'chunk 2\n'])
})

test('write() sends at once and what the iterable yields follows', async () => {
  const answer = await request(await url('/write'))
  expect([answer.status, answer.text]).toEqual([200, 'one two three'])
})

for (const [what, path, length] of [
  ['a generator', '/stream?bytes=1000003&chunk=999', 1_000_003],
  ['a file_wrapper', '/file?bytes=1000003', 1_000_003],
  ['a file_wrapper that begins in the middle', '/file?bytes=1000003&skip=1000000', 3],
  ['a file_wrapper of no bytes', '/file?bytes=0', 0],
] as const) {
  test(`${what} delivers exactly ${length} bytes`, async () => {
    expect((await request(await url(path))).body).toHaveLength(length)
    expect((await request(await url(`/validated${path}`))).body).toHaveLength(length)
  })
}

test('a file_wrapper takes what is no regular file', async () => {
  expect((await request(await url('/file-of-a-pipe'))).text).toBe('through a pipe')
})

test('headers are kept as they are: two cookies stay two, latin-1 stays latin-1', async () => {
  const { rawHeaders } = await request(await url('/cookies'))
  const valuesOf = (name: string) => rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1] === name)
  expect(valuesOf('Set-Cookie')).toEqual(['a=1', 'b=2; Path=/'])
  expect(valuesOf('X-Umlaut')).toEqual(['ü'])
})

test('an answer without content, and one of empty chunks, are what they say', async () => {
  const empty = await request(await url('/empty'))
  expect([empty.status, empty.text, empty.headers['transfer-encoding']]).toEqual([204, '', undefined])
  expect((await request(await url('/empty-chunks'))).text).toBe('after two empty ones')
})

test('HEAD gets the head of the answer and no body, and the connection goes on', async () => {
  const ask = (method: string, more = '') => `${method} /report HTTP/1.1\r\nHost: x\r\n${more}\r\n`
  const received = await exchange(await url('/'), ask('HEAD') + ask('GET', 'Connection: close\r\n'))
  const [head = '', next = '', body = ''] = received.split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(head).toContain(`Content-Length: ${body.length}`)
  expect(next).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})

test('a connection is kept for the next request, and closed for HTTP/1.0', async () => {
  const agent = keepAliveAgent()
  const ports = [await jsonOf('/echo', { agent }), await jsonOf('/echo', { agent })].map(
    (environ) => environ['REMOTE_PORT'],
  )
  agent.destroy()
  expect(ports[0]).toBe(ports[1])
  expect(await exchange(await url('/'), 'GET /empty HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 204 /)
})

test('pipelined requests are answered in their order', async () => {
  const ask = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`
  const pipeline = ask('/sleep?seconds=0.2') + ask('/write') + ask('/empty-chunks', 'Connection: close\r\n')
  const received = await exchange(await url('/'), pipeline)
  const order = ['slept', 'three', 'after two empty ones'].map((word) => received.indexOf(word))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order[0]).toBeGreaterThan(0)
})

test('close() of the iterable is called once, after the last chunk', async () => {
  const { site, server } = await torture()
  const notes = `${await site.directoryOf('www-data', 'closing')}/notes`
  expect((await request(server.url(`/closing?file=${notes}`))).text).toBe('closed afterwards')
  await eventually('close() was called', () => (existsSync(notes) ? true : undefined))
  expect(readFileSync(notes, 'utf8')).toBe('closed\n')
})

test('an error in close() is logged and spoils nothing', async () => {
  const { site, server } = await torture()
  const notes = `${await site.directoryOf('www-data', 'closing-raises')}/notes`
  expect((await request(server.url(`/closing-raises?file=${notes}`))).text).toBe('complete')
  expect(await server.logLine('torture', /RuntimeError: torture: close raised/)).toBeDefined()
})

test('a client that goes away ends the iterable: close() is called', async () => {
  const { site, server } = await torture()
  const notes = `${await site.directoryOf('www-data', 'endless')}/notes`
  const response = await openRequest(server.url(`/closing-endless?file=${notes}`))
  await new Promise((resolve) => response.once('data', resolve))
  response.destroy()
  const text = await eventually('close() was called', () => {
    const written = readFileSync(notes, 'utf8')
    return written.includes('closed') ? written : undefined
  })
  expect(text).toBe('started\nclosed\n')
})

test('start_response with exc_info replaces the head before output and raises after it', async () => {
  const replaced = await request(await url('/exc-info-before'))
  expect([replaced.status, replaced.reason, replaced.text]).toEqual([500, 'Replaced', 'replaced in time'])
  expect(replaced.headers['x-first']).toBeUndefined()
  expect(replaced.headers['x-second']).toBe('2')
  await expect(request(await url('/exc-info-after'))).rejects.toThrow(/aborted|ECONNRESET|hang up/)
  const { server } = await torture()
  expect(await server.logLine('torture', /ValueError: torture: caught by the application/)).toBeDefined()
})

for (const path of ['/raise-in-call', '/raise-after-start', '/raise-at-first', '/no-start-response', '/system-exit']) {
  test(`${path} answers 500 with an id that leads to the traceback, and tells no internals`, async () => {
    const { server } = await torture()
    const answer = await request(server.url(path))
    expect(answer.status).toBe(500)
    expect(answer.text).not.toMatch(/torture|Traceback|\.py|secret|www-data/)
    const id = /<code>(\S+)<\/code>/.exec(answer.text)?.[1] ?? 'no id in the page'
    const marked = await server.logLine('torture', new RegExp(`\\b${id}\\b.*(Error|SystemExit|start_response)`))
    expect(marked).toBeDefined()
  })
}

test('an answer that breaks after output has begun is cut off, so that the client can tell', async () => {
  await expect(request(await url('/raise-after-output'))).rejects.toThrow(/aborted|ECONNRESET|hang up/)
  const { server } = await torture()
  expect(await server.logLine('torture', /RuntimeError: torture: after output/)).toBeDefined()
})

test('a worker lives on after everything that an application can raise', async () => {
  const { server } = await torture()
  expect(await server.group()).toMatchObject({ restarts: 0, state: 'running' })
})

for (const what of [
  'body-str',
  'body-int',
  'body-none',
  'status-int',
  'status-bytes',
  'status-short',
  'headers-tuple',
  'header-bytes',
  'header-newline',
  'header-name',
  'length-text',
  'header-hop',
]) {
  test(`wrong types are answered by 500 and injected nothing: ${what}`, async () => {
    const answer = await request(await url(`/wrong-types?what=${what}`))
    expect(answer.status).toBe(500)
    expect(answer.headers).not.toHaveProperty('x-b')
  })
}

test('more bytes than Content-Length announces are not sent, fewer never pass for a whole answer', async () => {
  expect((await request(await url('/length?announced=5&made=9'))).text).toBe('xxxxx')
  expect((await request(await url('/length?announced=9&made=5'))).status).toBe(502)
  await expect(request(await url('/length?announced=900000&made=500000'))).rejects.toThrow(/aborted|ECONNRESET|hang up/)
})

test('stdout, stderr and wsgi.errors go to the log line by line with the request id', async () => {
  const { server } = await torture()
  expect((await request(server.url('/printing?word=canary'))).text).toBe('printed')
  const lines = await Promise.all(
    ['stdout', 'stderr', 'wsgi.errors'].map((stream) =>
      server.logLine('torture', new RegExp(`torture: to ${stream} canary`)),
    ),
  )
  const { pid } = (await server.group()).workers[0] ?? { pid: 0 }
  for (const line of lines) {
    expect(line).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(line).toContain(String(pid))
  }
  const ids = lines.map((line) => /request=(\S+)/.exec(line)?.[1])
  expect(new Set(ids).size).toBe(1)
  expect(ids[0]).toMatch(/\S/)
})

test('the torture application is right in the eyes of wsgiref.validate wherever it means to be', async () => {
  const { server } = await torture()
  for (const path of [
    '/report',
    '/echo?a=1',
    '/write',
    '/cookies',
    '/empty',
    '/printing?word=validated',
    '/reading?how=read-size',
  ]) {
    const { status } = await request(
      server.url(`/validated${path}`),
      path.startsWith('/reading') ? { body: 'abc' } : {},
    )
    expect({ path, status }).toEqual({ path, status: path === '/empty' ? 204 : 200 })
  }
  expect(await server.log('torture')).not.toMatch(/wsgiref.validate\.py|garbage collected without/)
})

async function openGate(gates: string, number: number): Promise<string> {
  await mkdir(`${gates}/${number}`)
  return gates
}
