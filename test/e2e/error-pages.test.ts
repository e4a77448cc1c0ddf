// Every 4xx and 5xx that wsgid makes itself, and every cause of one: a page with an id, under which the log has the cause. One server with a
// group for each kind of trouble. Those that only a worker against the rules causes are in src/router/dispatcher.test.ts.
import { chmod, chown, rm } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroup, aGroupAt } from '../support/a-group.ts'
import { account } from '../support/accounts.ts'
import { expectExplained } from '../support/explained.ts'
import { makeGate } from '../support/gate.ts'
import { basicLogin } from '../support/http.ts'
import { parseAnswers, type RawAnswer } from '../support/raw-answers.ts'
import { exchange, get, openConnection, post } from '../support/raw-http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { asRoot, forTheFile, isRoot, test } from '../support/test.ts'

const script = '../apps/torture.py'
/** "right" */
const hash = '{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ='

/** What a group that has no trouble of its own serves. */
const applications = (site: Site) => [
  { mount: '/torture', script },
  { mount: '/witness', script: '../apps/witness.py' },
  { mount: '/responses', script: '../apps/responses.py' },
  { mount: '/guarded', script, auth: { realm: 'r', users: site.path('users'), require: { users: ['joe'] } } },
  { mount: '/digest', script, auth: { type: 'digest', realm: 'r', users: site.path('digests') } },
  { mount: '/unguarded', script, auth: { realm: 'r', users: site.path('lost') } },
  { mount: '/files', script, static: { '/files': site.path('files') } },
  { match: '^/sites/(?<site>[^/]+)', script, 'require-file': `${site.directory}/\${site}/conf` },
  { match: '^/chosen/(?<site>[^/]+)', script, 'process-group': '${site}' },
]

const groups = (site: Site) => [
  aGroup({ name: 'plain', 'limit-request-body': 100_000, applications: applications(site) }),
  aGroupAt('dying', 'torture'),
  aGroupAt('slow', 'torture', { 'request-timeout': '500ms' }),
  aGroupAt('silent', 'stubborn', { 'socket-timeout': '500ms', 'graceful-timeout': 0 }),
  aGroupAt('full', 'torture', { threads: 1, 'listen-backlog': 1, 'connect-timeout': '200ms' }),
  aGroupAt('busy', 'torture', { threads: 1, 'queue-timeout': '500ms' }),
  aGroupAt('import-error', 'import-error', { start: 'on-demand' }),
  ...['ends-at-once', 'loads-for-ever'].map((name) =>
    aGroupAt(name, name, { start: 'on-demand', 'queue-timeout': '2s' }),
  ),
  ...(isRoot ? [aGroupAt('owned', 'owned', { 'script-user': 'www-data' })] : []),
]

const theServer = forTheFile(async () => {
  const site = await makeSite()
  await site.write('users', `joe:${hash}\nann:${hash}\n`)
  await site.write('lost', `joe:${hash}\n`)
  await site.write('digests', `joe:r:${'0'.repeat(32)}\n`)
  await site.write('files/hello.txt', 'hello')
  await site.write('apps/ends-at-once.py', 'import os\nos._exit(3)\n')
  await site.write('apps/loads-for-ever.py', 'import time\nwhile True: time.sleep(1)\n')
  if (isRoot) {
    await site.write('files/secret.txt', 'for root')
    await chmod(site.path('files/secret.txt'), 0o600)
    await site.write('apps/owned.py', 'raise SystemExit("never run")\n')
    await chown(site.path('apps/owned.py'), account('games').uid, account('games').gid)
  }
  const server = await startWsgid({
    site,
    groups: groups(site),
    until: ({ groups }) => groups.every(({ state }) => ['running', 'idle', 'failing'].includes(state)),
    config: {
      // The second one has nowhere to send those who name no host.
      listen: [{ address: '127.0.0.1:0' }, { address: '127.0.0.2:0', 'redirect-to-https': { port: 443 } }],
      'limit-request-line': 2000,
      'limit-request-header': '128KiB',
      'limit-request-fields': 10,
      'header-timeout': '1s',
      'body-timeout': '2s',
      'body-minimum-rate': 1000,
    },
  })
  await rm(site.path('lost'))
  return server
})

const close = 'Connection: close\r\n'
const basic = (user: string, password: string): string =>
  `${close}Authorization: ${basicLogin(`${user}:${password}`)}\r\n`
/** The fields of a Digest login that nobody has made; `nonce` and `response` are wrong. */
const digest = (uri: string): string =>
  `${close}Authorization: Digest username="joe", realm="r", qop=auth, nonce="n", nc=00000001, cnonce="c", response="0", uri="${uri}"\r\n`

type Refusal = readonly [what: string, send: string, status: number, log: string, cause: RegExp]

/** What is sent, what it is answered with, which log has the cause, and the cause. */
const refusals: readonly Refusal[] = [
  ['a malformed request', 'hello\r\n\r\n', 400, 'wsgid', /malformed request: Invalid method/],
  ['an ambiguous request', 'GET / HTTP/1.1\r\n\r\n', 400, 'wsgid', /the header has no Host/],
  ['a Host that is none', 'GET / HTTP/1.1\r\nHost: a,b\r\n\r\n', 400, 'wsgid', /Host is not a host/],
  ['a bad target', get('/%zz'), 400, 'wsgid', /broken percent escape/],
  [
    'a forbidden trailer',
    post('/witness', 'Transfer-Encoding: chunked\r\n', '0\r\nHost: y\r\n\r\n'),
    ...[400, 'plain', /host comes as a trailer/],
  ],
  ['a Digest made for another address', get('/digest', digest('/other')), 400, 'plain', /made for another address/],
  ['a request without credentials', get('/guarded', close), 401, 'plain', /no credentials/],
  ['a wrong password', get('/guarded', basic('joe', 'wrong')), 401, 'plain', /login of "joe" from 127.0.0.1 failed/],
  ['a user who may not pass', get('/guarded', basic('ann', 'right')), 401, 'plain', /"ann" is not among those/],
  ['a wrong Digest', get('/digest', digest('/digest')), 401, 'plain', /login of "joe" from 127.0.0.1 failed/],
  ['require-file', get('/sites/none/', close), 403, 'plain', /was not called: .*none\/conf/],
  ['a path that nothing is mounted at', get('/nowhere', close), 404, 'wsgid', /nothing is mounted at x\/nowhere/],
  [
    'a host as long as a header may be',
    `GET / HTTP/1.1\r\nHost: ${'h'.repeat(120_000)}\r\n${close}\r\n`,
    ...[404, 'wsgid', /nothing is mounted at hhh/],
  ],
  ['an escaped slash', get('/a%2fb', close), 404, 'wsgid', /an encoded slash/],
  ['captures that name no group', get('/chosen/nobody/', close), 404, 'wsgid', /captures name no process group/],
  ['a static file that is not there', get('/files/files/x', close), 404, 'plain', /no file .* at \/x/],
  ['CONNECT', 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'wsgid', /no proxy/],
  ['POST of a static file', post('/files/files/hello.txt', `${close}Content-Length: 0\r\n`), 405, 'plain', /POST of/],
  ['header-timeout', 'GET / HTTP/1.1\r\nHost:', 408, 'wsgid', /header-timeout/],
  ['body-timeout', post('/witness', 'Content-Length: 10\r\n'), 408, 'plain', /body-timeout/],
  [
    'body-timeout of a streamed body',
    post('/witness', 'Content-Length: 90000\r\n', 'x'.repeat(100)),
    ...[408, 'plain', /body-timeout/],
  ],
  [
    'a static file that has changed',
    get('/files/files/hello.txt', `${close}If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT\r\n`),
    ...[412, 'plain', /hello\.txt is not what/],
  ],
  ['limit-request-body', post('/witness', 'Content-Length: 100001\r\n'), 413, 'plain', /limit-request-body \(100000/],
  [
    'limit-request-body of a chunked body',
    post('/witness', 'Transfer-Encoding: chunked\r\n', `186a1\r\n${'x'.repeat(100_001)}\r\n`),
    ...[413, 'plain', /limit-request-body \(100000/],
  ],
  [
    'chunk extensions without end',
    post('/witness', 'Transfer-Encoding: chunked\r\n', `1;${'x'.repeat(100_000)}`),
    ...[413, 'plain', /chunk extensions/],
  ],
  ['limit-request-line', get(`/${'a'.repeat(2000)}`), 414, 'wsgid', /limit-request-line \(2000 bytes\)/],
  [
    'a range that is not there',
    get('/files/files/hello.txt', `${close}Range: bytes=9-\r\n`),
    416,
    'plain',
    /no such range/,
  ],
  ['an unknown expectation', post('/witness', 'Expect: x\r\nContent-Length: 1\r\n'), 417, 'wsgid', /expectation/],
  [
    'limit-request-fields',
    get('/', 'A: b\r\n'.repeat(10)),
    431,
    'wsgid',
    /11 header fields, limit-request-fields is 10/,
  ],
  [
    'limit-request-header by one field',
    get('/', `A: ${'b '.repeat(70_000)}\r\n`),
    431,
    'wsgid',
    /limit-request-header/,
  ],
  ['limit-request-header by many', get('/', 'A: b\r\n'.repeat(70_000)), 431, 'wsgid', /limit-request-header/],
  ['an application that raises', get('/torture/raise-in-call', close), 500, 'plain', /the application raised/],
  ['an application that breaks the rules', get('/responses/chunk-none', close), 500, 'plain', /must give bytes/],
  ['an application that does not load', get('/import-error', close), 500, 'import-error', /import-error/],
  [
    'an application that ends its worker',
    post('/dying/die?file=/dev/null', `${close}Content-Length: 0\r\n`),
    ...[502, 'dying', /was lost/],
  ],
  ['too short an answer', get('/torture/length?announced=9&made=5', close), 502, 'plain', /promised 9 bytes/],
  ['an answer with two lengths', get('/responses/length-twice', close), 502, 'plain', /head that is not one/],
  ['a file of users that is gone', get('/unguarded', basic('joe', 'right')), 503, 'plain', /cannot be read/],
  [
    'a worker that ends when it starts',
    get('/ends-at-once', close),
    503,
    'ends-at-once',
    /a worker ended: exit code 3/,
  ],
  ['a worker that does not become ready', get('/loads-for-ever', close), 503, 'loads-for-ever', /no worker was ready/],
  ['request-timeout', get('/slow/sleep?seconds=3', close), 504, 'slow', /ran too long/],
  ['socket-timeout', get('/silent/stay', close), 504, 'silent', /silent for longer than socket-timeout/],
] as const

/** For what is to be seen in time: one after the other they would wait for each other's time limits. */
const answered = forTheFile(async () => {
  const server = await theServer()
  const answers = refusals.map(async ([what, send]) => [what, await exchange(server.url(), send)] as const)
  return new Map(await Promise.all(answers))
})

async function explained(answer: RawAnswer | undefined, status: number, [log, cause]: readonly [string, RegExp]) {
  if (answer === undefined) throw new Error('no answer')
  await expectExplained(await theServer(), answer, { status, log, cause })
}

for (const [what, , status, log, cause] of refusals) {
  test(`${what}: ${status} with a page whose id leads to the cause`, async () => {
    const answers = parseAnswers((await answered()).get(what) ?? '')
    expect(answers.map((answer) => answer.status)).toEqual([status])
    await explained(answers[0], status, [log, cause])
  })
}

asRoot(
  'files that wsgid may not read, and scripts of the wrong owner: 403 with a page whose id leads to the cause',
  async () => {
    const server = await theServer()
    const ask = async (path: string) => parseAnswers(await exchange(server.url(), get(path, close)))[0]
    await explained(await ask('/files/files/secret.txt'), 403, ['plain', /the routers may not read it/])
    await explained(await ask('/owned'), 403, ['owned', /owned\.py/])
  },
)

test('a client that is to go to https and names no host: 400 with a page whose id leads to the cause', async () => {
  const [, redirecting = ''] = (await (await theServer()).status()).listen
  const [answer] = parseAnswers(await exchange(redirecting, 'GET / HTTP/1.0\r\n\r\n'))
  await explained(answer, 400, ['wsgid', /names no host that it could be redirected to/])
})

test('too many logins at a time: 429 with a page whose id leads to the cause', async () => {
  const server = await theServer()
  const connections = await Promise.all(Array.from({ length: 20 }, () => openConnection(server.url())))
  for (const [index, connection] of connections.entries()) connection.send(get('/guarded', basic('tom', `${index}`)))
  const first429 = new Promise<RawAnswer>((resolve) => {
    for (const connection of connections)
      void connection.receive().then((received) => {
        if (received.startsWith('HTTP/1.1 429 ')) for (const answer of parseAnswers(received)) resolve(answer)
      })
  })
  await explained(await first429, 429, ['plain', /too many logins/])
  for (const connection of connections) await connection[Symbol.asyncDispose]()
})

for (const [group, waiting, status, cause] of [
  ['full', 2, 503, /1 requests \(listen-backlog\) waited before it/],
  ['busy', 1, 504, /no thread was free within queue-timeout/],
] as const) {
  test(`who waits too long in the queue, by the options of ${group}: ${status} with a page whose id leads to the cause`, async () => {
    const server = await theServer()
    const gate = await makeGate(server.site, group)
    const first = exchange(server.url(), get(`/${group}${gate.path}`, close))
    await gate.untilBegun(1)
    const later = Array.from({ length: waiting }, () => exchange(server.url(), get(`/${group}/report`, close)))
    const [answer] = parseAnswers(await Promise.race(later))
    await explained(answer, status, [group, cause])
    await gate.open()
    expect(await first).toMatch(/^HTTP\/1\.1 200 /)
    await Promise.all(later)
  })
}

test('nothing of it has ended the router', async () => {
  const server = await theServer()
  await answered()
  expect(await server.log('wsgid')).not.toMatch(/broke the protocol|router.*(?:ended|exited)/)
})
