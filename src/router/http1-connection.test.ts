// Requests and responses of one connection: their order, how bodies wait, how it ends. Real sockets; what the front would do is scripted.
import { afterEach, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { METHODS } from 'node:http'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Http1Connection } from './http1-connection.ts'
import type { Http1Request } from './http1-request.ts'
import type { Http1Response } from './http1-response.ts'

type Arrived = { request: Http1Request; response: Http1Response }
type Peer = { client: Socket; socket: Socket; arrived: Arrived[]; errors: string[]; received: () => string }

const open: (() => void)[] = []

afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function aClient(): Promise<Peer> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  const [socket] = (await once(server, 'connection')) as [Socket]
  open.push(() => {
    client.destroy()
    socket.destroy()
    server.close()
  })
  let received = ''
  client.on('data', (bytes: Buffer) => (received += bytes.toString('latin1'))).on('error', () => undefined)
  const peer: Peer = { client, socket, arrived: [], errors: [], received: () => received }
  new Http1Connection(socket, 16_384, {
    request: (request, response) => peer.arrived.push({ request, response }),
    tunnel: () => undefined,
    error: (error) => peer.errors.push(error.code ?? error.message),
  })
  return peer
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}

/** The n-th request that has come, once it has. */
async function arrival({ arrived }: Peer, index: number): Promise<Arrived> {
  await until(() => arrived.length > index)
  const found = arrived[index]
  if (found === undefined) throw new Error(`no request ${index}`)
  return found
}

const get = (target: string, version = '1.1') => `GET ${target} HTTP/${version}\r\nHost: a\r\n\r\n`

function answer({ response }: Arrived, body: string): void {
  response.writeHead(200, 'OK', ['Content-Length', String(body.length)])
  response.end(body)
}

/** The bodies of all responses, each between <>. */
const bodies = (text: string) => text.match(/<[^>]*>/g)

test('answers come in the order of the requests, whichever is ready first', async () => {
  const peer = await aClient()
  peer.client.write(get('/1') + get('/2') + get('/3'))
  const [first, second, third] = [await arrival(peer, 0), await arrival(peer, 1), await arrival(peer, 2)]
  answer(third, '<3>')
  second.response.writeHead(200, 'OK', [])
  second.response.write(Buffer.from('<2'))
  first.response.write(Buffer.from('<1'))
  second.response.write(Buffer.from('>'))
  second.response.end()
  await until(() => peer.received().includes('<1'))
  expect(peer.received()).not.toContain('<2')
  first.response.write(Buffer.from('>'))
  first.response.end()
  await until(() => peer.received().includes('<3>'))
  expect(peer.received().replaceAll(/\r\n[0-9]+\r\n/g, '')).toMatch(/<1>[^]*<2>[^]*<3>/)
})

test('of a client that asks on and on, no more is read than what came with the first 17 requests until it has answers', async () => {
  const peer = await aClient()
  const padding = `X: ${'x'.repeat(8_000)}\r\n`
  const long = get('/').replace('\r\n\r\n', `\r\n${padding}\r\n`)
  for (let count = 0; count < 1_000; count += 1) peer.client.write(long)
  await arrival(peer, 16)
  await until(() => peer.client.writableLength > 0)
  const { bytesRead } = peer.socket
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
  expect(peer.socket.bytesRead).toBe(bytesRead)
  expect(peer.arrived.length).toBeLessThan(40)
  const { length } = peer.arrived
  for (const each of peer.arrived.slice()) answer(each, 'x')
  await until(() => peer.arrived.length > length)
})

test('a body that nobody wants yet is not read; all of it, and its end, come when it is wanted', async () => {
  const peer = await aClient()
  const length = 8_000_000
  peer.client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`)
  const { request } = await arrival(peer, 0)
  peer.client.write(Buffer.alloc(length))
  await until(() => peer.socket.bytesRead > 65_536)
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
  expect(peer.socket.bytesRead).toBeLessThan(1_000_000)
  let received = 0
  let ends = 0
  request.on('data', (part: Buffer) => {
    received += part.length
    // Interrupted again and again, nothing is lost or told twice.
    request.pause()
    setImmediate(() => request.resume())
  })
  request.on('end', () => (ends += 1))
  await until(() => ends > 0)
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
  expect({ received, ends, complete: request.complete }).toEqual({ received: length, ends: 1, complete: true })
})

test('what is left of the body of a request that is answered is read and dropped, and the next request is answered', async () => {
  const peer = await aClient()
  peer.client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n`)
  answer(await arrival(peer, 0), '<early>')
  peer.client.write(Buffer.alloc(1_000_000))
  peer.client.write(get('/next'))
  answer(await arrival(peer, 1), '<next>')
  await until(() => peer.received().includes('<next>'))
  expect(bodies(peer.received())).toEqual(['<early>', '<next>'])
})

test('a body without a length comes in chunks by HTTP/1.1 and ends with the connection by HTTP/1.0', async () => {
  const modern = await aClient()
  modern.client.write(get('/'))
  const { response } = await arrival(modern, 0)
  response.writeHead(200, 'OK', [])
  response.write(Buffer.from('ab'))
  response.end('c')
  await until(() => modern.received().endsWith('0\r\n\r\n'))
  expect(modern.received()).toMatch(/Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n$/)
  const old = await aClient()
  old.client.write('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  const { response: oldResponse } = await arrival(old, 0)
  oldResponse.writeHead(200, 'OK', [])
  oldResponse.write(Buffer.from('ab'))
  oldResponse.end('c')
  await once(old.client, 'end')
  expect(old.received()).toMatch(/Connection: close\r\n\r\nabc$/)
})

test('HTTP/1.0 keeps its connection when it asks for that and the answer has a length', async () => {
  const peer = await aClient()
  const kept = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
  peer.client.write(kept)
  answer(await arrival(peer, 0), '<1>')
  await until(() => peer.received().endsWith('<1>'))
  expect(peer.received()).toContain('Connection: keep-alive\r\n')
  peer.client.write('GET / HTTP/1.0\r\n\r\n')
  answer(await arrival(peer, 1), '<2>')
  await once(peer.client, 'end')
  expect(bodies(peer.received())).toEqual(['<1>', '<2>'])
})

test('a client that has ended its side gets what is due, and the end', async () => {
  const peer = await aClient()
  peer.client.end(get('/1') + get('/2'))
  const second = await arrival(peer, 1)
  await once(peer.socket, 'end')
  answer(second, '<2>')
  answer(await arrival(peer, 0), '<1>')
  await once(peer.client, 'end')
  expect(bodies(peer.received())).toEqual(['<1>', '<2>'])
})

test('an end in the middle of a request, and what is no HTTP, are told once', async () => {
  const cut = await aClient()
  cut.client.end('GET / HT')
  await until(() => cut.errors.length > 0)
  const nonsense = await aClient()
  nonsense.client.write('nonsense\r\n\r\n')
  await until(() => nonsense.errors.length > 0)
  nonsense.client.write('more of it\r\n\r\n')
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  expect([cut.errors, nonsense.errors]).toEqual([['HPE_INVALID_EOF_STATE'], ['HPE_INVALID_METHOD']])
})

test('a response that is cut cuts the connection when those before it are complete, not sooner', async () => {
  const peer = await aClient()
  peer.client.write(get('/1') + get('/2'))
  const [first, second] = [await arrival(peer, 0), await arrival(peer, 1)]
  second.response.writeHead(200, 'OK', [])
  second.response.write(Buffer.from('<2'))
  second.response.destroy()
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  answer(first, '<1>')
  await once(peer.client, 'end')
  expect(bodies(peer.received())).toEqual(['<1>'])
})

test('a head cannot be split by what stands in a field', async () => {
  const peer = await aClient()
  peer.client.write(get('/'))
  const { response } = await arrival(peer, 0)
  // The second one would become a line feed in latin-1.
  for (const value of ['a\r\nX: b', 'a\u010aX: b'])
    expect(() => response.writeHead(200, 'OK', ['Location', value])).toThrow('cannot stand in the head')
})

test.each(METHODS.filter((method) => method !== 'CONNECT'))('the method %s has its name', async (method) => {
  const peer = await aClient()
  peer.client.write(get('/').replace('GET', method))
  expect((await arrival(peer, 0)).request.method).toBe(method)
})
