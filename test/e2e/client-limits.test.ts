// What clients may take their time for and keep open. What is refused with which status is in error-pages.test.ts.
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { expectExplained } from '../support/explained.ts'
import { parseAnswers } from '../support/raw-answers.ts'
import { exchange, get, openConnection, post } from '../support/raw-http.ts'
import { startWsgid, writeConfiguration } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(() =>
  startWsgid({
    config: {
      'limit-request-header': 4096,
      'header-timeout': '1s',
      'body-timeout': '1s',
      'body-minimum-rate': 1000,
      'keep-alive-timeout': '1s',
    },
    groups: [aGroup({ name: 'witness', applications: [{ mount: '/witness', script: '../apps/witness.py' }] })],
  }),
)

test('a request line that is larger than all of the header may be is 414, with a page whose id leads to the cause', async () => {
  const server = await theServer()
  const [answer] = parseAnswers(await exchange(server.url(), get(`/${'a'.repeat(8000)}`)))
  if (answer === undefined) throw new Error('no answer')
  await expectExplained(server, answer, { status: 414, log: 'wsgid', cause: /limit-request-line/ })
})

test('a body may take as long as it needs when it keeps body-minimum-rate', async () => {
  const server = await theServer()
  await using connection = await openConnection(server.url())
  connection.send(post('/witness', 'Content-Length: 30000\r\n'))
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
    if (answer === undefined) throw new Error('no answer')
    await expectExplained(server, answer, { status: 503, log: 'wsgid', cause })
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
