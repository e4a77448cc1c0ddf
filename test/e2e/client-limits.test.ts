// What clients may send and keep open: each limit with its status, and every error page of wsgid with an id that the log explains.
import { expect } from '@jest/globals'
import { aGroup, aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { parseAnswers, type RawAnswer } from '../support/raw-answers.ts'
import { exchange, openConnection } from '../support/raw-http.ts'
import { startWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(() =>
  startWsgid({
    until: ({ groups }) => groups.every(({ state }) => state === 'running' || state === 'idle'),
    config: {
      'limit-request-line': 200,
      'limit-request-header': 4096,
      'limit-request-fields': 10,
      'header-timeout': '1s',
      'body-timeout': '1s',
      'body-minimum-rate': 1000,
      'keep-alive-timeout': '1s',
    },
    groups: [
      aGroup({
        name: 'witness',
        'limit-request-body': 100_000,
        applications: [{ mount: '/witness', script: '../apps/witness.py' }],
      }),
      aGroupAt('import-error', 'import-error', { start: 'on-demand' }),
      aGroup({ applications: [{ mount: '/torture', script: '../apps/torture.py' }], 'request-timeout': '500ms' }),
    ],
  }),
)

const get = (path: string, lines = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`
const post = (lines: string): string => `POST /witness HTTP/1.1\r\nHost: x\r\n${lines}\r\n`

/** All of them: what is sent, the status, and the cause in the log. */
const refusals: readonly (readonly [what: string, send: string, status: number, cause: RegExp])[] = [
  ['a malformed request', 'hello\r\n\r\n', 400, /malformed request: Invalid method/],
  ['an ambiguous request', 'GET / HTTP/1.1\r\n\r\n', 400, /the header has no Host/],
  ['a bad target', get('/%zz'), 400, /broken percent escape/],
  [
    'a path that nothing is mounted at',
    get('/nowhere', 'Connection: close\r\n'),
    404,
    /nothing is mounted at x\/nowhere/,
  ],
  ['an escaped slash', get('/a%2fb', 'Connection: close\r\n'), 404, /an encoded slash/],
  ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405, /no proxy/],
  ['header-timeout', 'GET / HTTP/1.1\r\nHost:', 408, /header-timeout/],
  ['body-timeout before anything was answered', post('Content-Length: 10\r\n'), 408, /body-timeout/],
  ['body-timeout of a streamed body', post('Content-Length: 90000\r\n') + 'x'.repeat(100), 408, /body-timeout/],
  ['limit-request-body', post('Content-Length: 100001\r\n'), 413, /limit-request-body \(100000 bytes\)/],
  ['limit-request-line', get(`/${'a'.repeat(200)}`), 414, /limit-request-line \(200 bytes\)/],
  ['a request line beyond all limits', get(`/${'a'.repeat(100_000)}`), 414, /limit-request-line/],
  ['an unknown expectation', post('Expect: x\r\nContent-Length: 1\r\n'), 417, /expectation/],
  ['limit-request-fields', get('/', 'A: b\r\n'.repeat(10)), 431, /11 header fields, limit-request-fields is 10/],
  ['limit-request-header by one field', get('/', `A: ${'b '.repeat(3000)}\r\n`), 431, /limit-request-header/],
  ['limit-request-header by many', get('/', 'A: b\r\n'.repeat(3000)), 431, /limit-request-header/],
  ['an application that raises', get('/torture/raise-in-call', 'Connection: close\r\n'), 500, /the application raised/],
  ['an application that does not load', get('/import-error', 'Connection: close\r\n'), 500, /import-error/],
  [
    'an application that ends its worker',
    'POST /torture/die?file=/dev/null HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    502,
    /was lost/,
  ],
  ['too short an answer', get('/torture/length?announced=9&made=5', 'Connection: close\r\n'), 502, /promised 9 bytes/],
  ['request-timeout', get('/torture/sleep?seconds=3', 'Connection: close\r\n'), 504, /ran too long/],
]

/** The error page says nothing but what happened, and the log under its id why. */
async function expectExplained({ body, headers }: RawAnswer, status: number, cause: RegExp): Promise<void> {
  const server = await theServer()
  expect(body).toContain(`<h1>${status} `)
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  const id = /<code>(\S+)<\/code>/.exec(body)?.[1] ?? 'no id in the page'
  const line = new RegExp(`request=${id} .*answered ${status}.*${cause.source}`)
  const logs = ['wsgid', 'witness', 'torture', 'import-error']
  const found = await Promise.any(logs.map((log) => server.logLine(log, line)))
  expect(found).toMatch(cause)
}

for (const [what, send, status, cause] of refusals) {
  test(`${what} is answered by ${status}, with a page whose id leads to the cause`, async () => {
    const server = await theServer()
    const answers = parseAnswers(await exchange(server.url(), send))
    expect(answers.map((answer) => answer.status)).toEqual([status])
    for (const answer of answers) await expectExplained(answer, status, cause)
  })
}

test('a body may take as long as it needs when it keeps body-minimum-rate', async () => {
  const server = await theServer()
  await using connection = await openConnection(server.url())
  connection.send(post('Content-Length: 30000\r\n'))
  for (let part = 0; part < 6; part += 1) {
    connection.send('x'.repeat(5000))
    // Longer than body-timeout in all; nothing tells when a second has gone by but the clock.
    await new Promise((resolve) => setTimeout(resolve, 400))
  }
  expect(await connection.receive((received) => received.includes(']'))).toMatch(/^HTTP\/1\.1 200 /)
})

test('keep-alive-timeout ends a connection without a request, and nothing is said', async () => {
  const server = await theServer()
  await using connection = await openConnection(server.url())
  connection.send(get('/witness'))
  expect(parseAnswers(await connection.receive()).map(({ status }) => status)).toEqual([200])
})

test('a connection on which nothing is sent is ended without a word', async () => {
  const server = await theServer()
  expect(await exchange(server.url(), '')).toBe('')
})

for (const [option, cause] of [
  ['maximum-connections', /maximum-connections \(3 at this router\)/],
  ['maximum-connections-per-address', /maximum-connections-per-address \(3\) are open/],
] as const) {
  test(`${option}: one more is answered by 503, and one less makes room; reload raises it`, async () => {
    await using server = await startWsgid({ config: { [option]: 3 }, groups: [aGroup()] })
    const connections = await Promise.all([1, 2, 3].map(() => openConnection(server.url())))
    for (const connection of connections) {
      connection.send(get('/report'))
      await connection.receive((received) => received.includes('\r\n\r\n'))
    }
    const [answer] = parseAnswers(await exchange(server.url(), get('/report')))
    expect(answer?.status).toBe(503)
    expect(await server.logLine('wsgid', cause)).toContain('answered 503 to 127.0.0.1')
    await connections[0]?.[Symbol.asyncDispose]()
    const isServed = async () => {
      const received = await exchange(server.url(), get('/report', 'Connection: close\r\n'))
      return received.startsWith('HTTP/1.1 200 ') || undefined
    }
    expect(await eventually('there is room for another', isServed)).toBe(true)
    await using third = await openConnection(server.url())
    third.send(get('/report'))
    await third.receive((received) => received.includes('\r\n\r\n'))
    await writeConfiguration(server.site, { config: { [option]: 4 }, groups: [aGroup()] })
    expect((await server.wsgid('reload')).exitCode).toBe(0)
    expect(await isServed()).toBe(true)
    for (const connection of connections.slice(1)) await connection[Symbol.asyncDispose]()
  })
}
