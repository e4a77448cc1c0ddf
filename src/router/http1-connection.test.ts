// Requests and responses of one connection: their order, how bodies wait, how it ends. Real sockets; what the front would do is scripted.
import { expect, jest, test } from '@jest/globals'
import { once } from 'node:events'
import { METHODS } from 'node:http'
import { aClient, answer, arrival, bodies, get, until } from '../../test/support/http1-peer.ts'
import { bodyBegins } from './client-connections.ts'
import { FIRST_LIMITS } from './client-limits.ts'

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

test('thousands of answers that wait for one go out behind it', async () => {
  const peer = await aClient()
  const count = 2_500
  peer.client.write(get('/').repeat(count))
  const first = await arrival(peer, 0)
  // No more than what one read brings has come.
  for (const each of peer.arrived.slice(1)) answer(each, '<x>')
  const answered = peer.arrived.length
  expect(answered).toBeGreaterThan(1_000)
  const write = peer.socket.write.bind(peer.socket) as (...args: unknown[]) => boolean
  const spied = jest.spyOn(peer.socket, 'write')
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 1_000
  let deepest = 0
  spied.mockImplementation((...args: unknown[]) => {
    deepest = Math.max(deepest, new Error('how deep').stack?.split('\n').length ?? Infinity)
    return write(...args)
  })
  answer(first, '<x>')
  Error.stackTraceLimit = stackTraceLimit
  spied.mockRestore()
  await until(() => bodies(peer.received())?.length === answered)
  // One calling the next, they would overflow the stack.
  expect(deepest).toBeLessThan(100)
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

test('behind the last answer nothing is run, and all of it arrives however slow the client is', async () => {
  const peer = await aClient()
  peer.client.write('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  const { response } = await arrival(peer, 0)
  peer.client.pause()
  response.writeHead(200, 'OK', [])
  const length = 8_000_000
  response.write(Buffer.alloc(length, 'x'))
  response.end()
  peer.client.write(get('/more'))
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
  peer.client.resume()
  await once(peer.client, 'end')
  expect(peer.arrived.length).toBe(1)
  expect(peer.received().length).toBeGreaterThan(length)
})

test('a client that still sends its body when it has its last answer can send all of it, and reads the answer', async () => {
  const peer = await aClient()
  const length = 20_000_000
  peer.client.write(`POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`)
  const { request, response } = await arrival(peer, 0)
  bodyBegins(peer.socket, request)
  request.pause()
  const sent = new Promise((resolve) => peer.client.end(Buffer.alloc(length), () => resolve('sent')))
  peer.client.pause()
  response.writeHead(200, 'OK', [])
  response.write(Buffer.alloc(4_000_000))
  response.end('<late>')
  expect(await sent).toBe('sent')
  peer.client.resume()
  await once(peer.client, 'end')
  expect(bodies(peer.received())).toEqual(['<late>'])
})

test('an answer without a body is not stuck behind one that its client takes slowly', async () => {
  const peer = await aClient()
  peer.client.write(get('/long') + get('/head').replace('GET', 'HEAD'))
  const [long, head] = [await arrival(peer, 0), await arrival(peer, 1)]
  peer.client.pause()
  long.response.writeHead(200, 'OK', [])
  long.response.write(Buffer.alloc(8_000_000))
  long.response.end()
  head.response.writeHead(200, 'OK', [])
  expect(head.response.writableLength).toBeGreaterThan(0)
  const drained = new Promise((resolve) => head.response.once('drain', () => resolve('drained')))
  peer.client.resume()
  expect(await drained).toBe('drained')
})

test('what is behind CONNECT is read and dropped, also when more was asked before than is read', async () => {
  const peer = await aClient()
  peer.client.write(`${get('/').repeat(18)}CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n`)
  await until(() => peer.tunnels > 0)
  const sent = new Promise((resolve) => peer.client.write(Buffer.alloc(20_000_000), () => resolve('sent')))
  expect(await sent).toBe('sent')
  expect(peer.arrived.length).toBe(18)
})

test('nonsense that came together with a request, before HTTP was spoken, is refused behind its answer', async () => {
  const peer = await aClient(`${get('/1')}nonsense\r\n\r\n`)
  const first = await arrival(peer, 0)
  expect(peer.errors).toEqual([])
  answer(first, '<1>')
  expect(peer.errors).toEqual(['HPE_INVALID_METHOD'])
})

test('header-timeout counts while a head is read, not while it waits because its client has asked for too much', async () => {
  const late = performance.now() + FIRST_LIMITS.headerTimeout + 1_000
  const slow = await aClient()
  slow.client.write(get('/1') + 'GET / HT')
  answer(await arrival(slow, 0), '<1>')
  await until(() => slow.received() !== '')
  slow.connections.check(late)
  expect(slow.refused).toEqual([408])
  const eager = await aClient()
  eager.client.write(`${get('/').repeat(20)}GET / HT`)
  await arrival(eager, 19)
  eager.connections.check(late)
  expect(eager.refused).toEqual([])
})

test('keep-alive-timeout also ends connections whose requests never came to a group', async () => {
  const peer = await aClient()
  peer.client.write(get('/'))
  answer(await arrival(peer, 0), '<404>')
  peer.connections.endIdleSince(performance.now(), -Infinity)
  await once(peer.client, 'end')
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

test('what is refused behind a request that runs is answered behind it', async () => {
  const peer = await aClient()
  peer.client.write(`${get('/1')}POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n`)
  const [first, second] = [await arrival(peer, 0), await arrival(peer, 1)]
  second.response.shouldKeepAlive = false
  answer(second, '<400>')
  answer(first, '<1>')
  await once(peer.client, 'end')
  expect(bodies(peer.received())).toEqual(['<1>', '<400>'])
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
