// PEP 3333 through the real server: what becomes of what an application answers, prints and raises.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { requestIdIn } from '../support/explained.ts'
import { keepAliveAgent, openRequest, request } from '../support/http.ts'
import { exchange, get } from '../support/raw-http.ts'
import { test } from '../support/test.ts'
import { tortureForTheFile } from '../support/torture-site.ts'
import { complaint } from '../support/validator-complaint.ts'

const { served: torture, url, jsonOf } = tortureForTheFile()

test('each chunk of a generator is sent before the next one is asked for', async () => {
  const { site, server } = await torture()
  const gates = await site.directoryOf('www-data', 'chunk-gates')
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
  const asked = 'HEAD /report HTTP/1.1\r\nHost: x\r\n\r\n'
  const received = await exchange(await url('/'), asked + get('/report', 'Connection: close\r\n'))
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
  const pipeline = get('/sleep?seconds=0.2') + get('/write') + get('/empty-chunks', 'Connection: close\r\n')
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
    const id = requestIdIn(answer.text)
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
  for (const path of ['/report', '/echo?a=1', '/write', '/cookies', '/empty', '/printing?word=validated']) {
    const { status } = await request(server.url(`/validated${path}`))
    expect({ path, status }).toEqual({ path, status: path === '/empty' ? 204 : 200 })
  }
  expect(await server.log('torture')).not.toMatch(complaint)
})

async function openGate(gates: string, number: number): Promise<string> {
  await mkdir(`${gates}/${number}`)
  return gates
}
