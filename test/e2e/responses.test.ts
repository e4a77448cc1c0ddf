// What becomes of what applications answer, rule by rule of PEP 3333: one table, one worker, which must live through all of it.
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { openConnection } from '../support/raw-http.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const responses = forTheFile(() =>
  startWsgid({
    groups: [aGroup({ name: 'responses', threads: 2, applications: [{ script: '../apps/responses.py' }] })],
  }),
)

/** What a client sees: the status line and body of a complete answer, or that it was cut off; and fields that are (not) in its head. */
type Expected = Readonly<{
  line?: string
  body?: string
  has?: readonly string[]
  lacks?: readonly string[]
  /** In the router's line of the request. */
  log?: string
  /** In another line of the group's log. */
  prints?: string
}>
type Case = readonly [path: string, expected: Expected]

const done = { line: '200 OK', body: 'done' }
const sentence = 'The response of the application.\n'
/** 500 by wsgid, the reason in the log. */
const refused = (log: string): Expected => ({ line: '500 Internal Server Error', lacks: ['X-Injected', 'X-A'], log })
const cut = (log: string): Expected => ({ line: 'cut off', log })

const cases: readonly Case[] = [
  ['/no-reason', { ...done, line: '200 ' }],
  ['/empty-reason', { ...done, line: '200 ' }],
  ['/long-reason', { ...done, line: '418 I am a teapot, short and stout' }],
  ['/latin-1-reason', { ...done, line: '200 Gr\xfc\xdfe' }],
  ['/status-999', { ...done, line: '999 Unheard Of' }],
  ['/status-100', refused('three digits from 200 on')],
  ['/status-101', refused('three digits from 200 on')],
  ['/status-103', refused('three digits from 200 on')],
  ['/status-099', refused('three digits from 200 on')],
  ['/status-text', refused('three digits from 200 on')],
  ['/status-tab', refused('three digits from 200 on')],
  ['/status-newline', refused('three digits from 200 on')],
  ['/status-nul', refused('three digits from 200 on')],
  ['/status-beyond-latin-1', refused('latin-1')],
  ['/status-bytes', refused('status must be str, not bytes')],
  ['/header-newline', refused('control character')],
  ['/header-bare-newline', refused('control character')],
  ['/header-bare-return', refused('control character')],
  ['/header-nul', refused('control character')],
  ['/header-name-newline', refused('not a header name')],
  ['/header-name-colon', refused('not a header name')],
  ['/header-name-space', refused('not a header name')],
  ['/header-name-empty', refused('not a header name')],
  ['/header-beyond-latin-1', refused('latin-1')],
  ['/header-bytes', refused('must be str, not bytes')],
  ['/header-triple', refused('tuple of name and value')],
  ['/header-list', refused('tuple of name and value')],
  ['/header-none', refused('must be str, not NoneType')],
  ['/headers-odd-but-good', { ...done, has: ['X-Empty: ', 'x-lower: a\tb', 'X-Umlaut: \xfc', 'Server: wsgid'] }],
  ['/headers-of-the-application', { ...done, has: ['Server: own/1', 'Date: Thu, 01 Jan 1970 00:00:00 GMT'] }],
  ['/headers-twice', { ...done, has: ['Server: a', 'Date: 1'], lacks: ['Server: b', 'Date: 2'] }],
  ['/cookies', { ...done, has: ['Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-A: 1', 'X-A: 2'] }],
  ['/location-and-status', { ...done, has: ['Location: /elsewhere', 'Status: 404 No'] }],
  ...['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer'].map((name): Case => [
    `/hop-${name}`,
    refused('is hop-by-hop'),
  ]),
  ['/length-none', { line: '200 OK', body: '12345', has: ['Content-Length: 5'] }],
  ['/length-right', { line: '200 OK', body: '12345' }],
  ['/length-twice-alike', { line: '200 OK', body: '12345' }],
  ['/length-twice', { line: '502 Bad Gateway', log: 'response head that is not one' }],
  ['/length-too-much', { line: '200 OK', body: '12345', log: '3 bytes cut' }],
  ['/length-too-much-in-parts', { line: '200 OK', body: '12345', log: '3 bytes cut' }],
  ['/length-too-little', { line: '502 Bad Gateway', log: 'promised 9 bytes and sent 5' }],
  ['/length-too-little-in-parts', cut('7 bytes less than its Content-Length')],
  ['/length-negative', refused('must be a number of bytes')],
  ['/length-spaces', refused('must be a number of bytes')],
  ['/length-of-nothing', { line: '204 No Content', body: '', lacks: ['Content-Length'] }],
  ['/body-with-204', { line: '204 No Content', body: '' }],
  ['/body-with-304', { line: '304 Not Modified', body: '' }],
  ['/empty-list', { line: '200 OK', body: '' }],
  ['/empty-tuple', { line: '200 OK', body: '' }],
  ['/empty-chunk', { line: '200 OK', body: '' }],
  ['/empty-generator', { line: '200 OK', body: '' }],
  ['/empty-first', { line: '200 OK', body: 'after' }],
  ['/strings-of-bytes', refused('must give bytes, not int')],
  ['/generator', { line: '200 OK', body: 'one two three', has: ['Transfer-Encoding: chunked'] }],
  ['/lazy-start', { line: '200 OK', body: 'late' }],
  ['/chunk-text', refused('must give bytes, not str')],
  ['/chunk-text-late', cut('must give bytes, not str')],
  ['/chunk-number', refused('must give bytes, not int')],
  ['/chunk-bytearray', refused('must give bytes, not bytearray')],
  ['/chunk-none', refused('must give bytes, not NoneType')],
  ['/not-iterable', refused("'int' object is not iterable")],
  ['/writing', { line: '200 OK', body: 'written and returned' }],
  ['/write-text', refused('must give bytes, not str')],
  ['/write-too-much', { line: '200 OK', body: '12345', log: '3 bytes cut' }],
  ['/start-never', refused('without calling start_response')],
  ['/start-never-list', refused('without calling start_response')],
  ['/start-never-empty', refused('without calling start_response')],
  ['/start-twice', refused('a second time without exc_info')],
  ['/replaced', { line: '503 Replaced', body: 'replaced', has: ['X-Second: 2'], lacks: ['X-First'] }],
  ['/first-with-exc-info', { line: '503 At Once', body: 'at once' }],
  ['/replaced-too-late', cut('responses: caught by the application')],
  ['/odd-exc-info', refused('what sys.exc_info')],
  ['/changed-after', { ...done, lacks: ['X-Late'] }],
  ['/raise-in-call', refused('responses: in call')],
  ['/raise-after-start', refused('responses: after start')],
  ['/raise-first', refused('responses: first')],
  ['/raise-after-empty', refused('responses: after empty')],
  ['/raise-late', cut('responses: late')],
  ['/exit-in-call', refused('SystemExit: responses: exit in call')],
  ['/exit-late', cut('SystemExit: responses: exit late')],
  ['/interrupt-in-call', refused('KeyboardInterrupt: responses: interrupt in call')],
  ['/interrupt-late', cut('KeyboardInterrupt: responses: interrupt late')],
  ['/generator-exit-in-call', refused('GeneratorExit: responses: generator exit in call')],
  ['/generator-exit-late', cut('GeneratorExit: responses: generator exit late')],
  ['/stop-iteration-in-call', refused('StopIteration: responses: stop in call')],
  ['/close', { line: '200 OK', body: 'closed', prints: 'responses: close\\(\\) call 1' }],
  ['/close-raises', { line: '200 OK', body: 'complete', prints: 'responses: close raised' }],
  ['/close-exits', { line: '200 OK', body: 'complete', prints: 'SystemExit: responses: close exits' }],
  ['/close-after-raise', { ...cut('raised, then closed'), prints: 'responses: close' }],
  ['/file', { line: '200 OK', body: sentence.slice(4), has: [`Content-Length: ${sentence.length - 4}`] }],
  ['/file-named', { line: '200 OK', body: sentence.slice(4) }],
  ['/file-part', { line: '200 OK', body: sentence.slice(4, 12), has: ['Content-Length: 8'] }],
  ['/file-too-short', cut('less than its Content-Length')],
  ['/file-text', refused('must give bytes, not str')],
  ['/file-gzip', { line: '200 OK', body: sentence }],
  ['/read-later', { line: '200 OK', body: 'begun' }],
]

test('what an application puts in the place of sys.stderr hides neither wsgi.errors nor tracebacks', async () => {
  const site = await makeSite()
  const script = await site.write(
    'apps/silent.py',
    `import io, sys
sys.stderr = io.StringIO()
def application(environ, start_response):
    environ["wsgi.errors"].write("silent: to wsgi.errors\\n")
    raise RuntimeError("silent: raised")
`,
  )
  await using server = await startWsgid({ site, groups: [aGroup({ name: 'silent', applications: [{ script }] })] })
  expect((await ask(server.url('/'))).line).toBe('500 Internal Server Error')
  await server.logLine('silent', /silent: to wsgi.errors$/)
  await server.logLine('silent', /RuntimeError: silent: raised$/)
})

for (const [path, expected] of cases) {
  test(`${path} is answered by ${expected.line ?? ''}`, async () => {
    const server = await responses()
    const seen = await ask(server.url(path))
    expect({ line: seen.line, body: expected.body === undefined ? undefined : seen.body }).toEqual({
      line: expected.line,
      body: expected.body,
    })
    for (const field of expected.has ?? []) expect(seen.fields).toContain(field)
    for (const field of expected.lacks ?? []) expect(seen.fields.filter((one) => one.startsWith(field))).toEqual([])
    if (seen.line !== 'cut off') {
      for (const name of ['Server', 'Date'])
        expect(seen.fields.filter((one) => one.startsWith(`${name}: `))).toHaveLength(1)
    }
    if (expected.log !== undefined) await server.logLine('responses', new RegExp(`GET ${path} .*${expected.log}`))
    if (expected.prints !== undefined) await server.logLine('responses', new RegExp(expected.prints))
  })
}

test('wsgi.input says so when it is read after the request', async () => {
  const server = await responses()
  await using connection = await openConnection(server.url())
  connection.send(`POST /read-later HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n`)
  expect(await connection.receive((received) => received.includes('begun'))).toContain('200 OK')
  await server.logLine('responses', /reading later: wsgi.input was read after its request was over/)
})

test('after all of that the first worker still serves', async () => {
  const server = await responses()
  expect(await server.group()).toMatchObject({ restarts: 0, state: 'running' })
})

type Seen = Readonly<{ line: string; fields: readonly string[]; body: string }>

/** One request over a connection of its own; `line` is "cut off" when the end of the body is missing. */
async function ask(url: string): Promise<Seen> {
  await using connection = await openConnection(url)
  const { pathname } = new URL(url)
  connection.send(`GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  const received = await connection.receive()
  const end = received.indexOf('\r\n\r\n')
  const [line = '', ...fields] = received.slice(0, Math.max(end, 0)).split('\r\n')
  const body = bodyOf(fields, received.slice(end + 4), /^HTTP\/1\.1 (?:204|304) /.test(line))
  return body === undefined ? { line: 'cut off', fields, body: '' } : { line: line.slice(9), fields, body }
}

/** undefined when it is not complete. */
function bodyOf(fields: readonly string[], text: string, bodyless: boolean): string | undefined {
  if (fields.includes('Transfer-Encoding: chunked')) {
    if (!text.endsWith('0\r\n\r\n')) return undefined
    return [...text.matchAll(/[0-9a-f]+\r\n([^\r]*)\r\n/g)].map((match) => match[1]).join('')
  }
  const length = Number(fields.find((field) => /^content-length: /i.test(field))?.slice(16))
  return bodyless || text.length === length ? text : undefined
}
