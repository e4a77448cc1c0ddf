// Bodies that are read past the parser: what is theirs and what is the next request's. Real sockets.
import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { aClient, answer, arrival, bodies, get, until } from '../../test/support/http1-peer.ts'
import type { Http1Request } from './http1-request.ts'

const LENGTH = 700_000
const head = (target: string, length = LENGTH) =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`

/** What has come of a body, and how often its end was told. */
function receive(request: Http1Request) {
  const hash = createHash('sha1')
  const got = { bytes: 0, ends: 0, digest: () => hash.digest('hex') }
  request.on('data', (part: Buffer) => {
    got.bytes += part.length
    hash.update(part)
  })
  request.on('end', () => (got.ends += 1))
  return got
}

const digest = (bytes: Buffer) => createHash('sha1').update(bytes).digest('hex')

test.each([1, 20_000, 65_536, 3_000_000])(
  'long bodies and what stands between and behind them, cut into pieces of %d bytes, arrive as they were sent',
  async (piece) => {
    const peer = await aClient()
    const [one, two] = [randomBytes(LENGTH), randomBytes(LENGTH + 1)]
    const sent = Buffer.concat([
      Buffer.from(head('/one')),
      one,
      Buffer.from(get('/between') + head('/two', two.length)),
      two,
      Buffer.from(get('/last')),
    ])
    // Byte by byte around what matters; the rest at once.
    const edges = [0, 120, LENGTH - 50, LENGTH + 250, sent.length - 60, sent.length]
    const cuts = piece > 1 ? Array.from({ length: Math.ceil(sent.length / piece) }, (_, index) => index * piece) : edges
    const write = async (from: number, to: number) => {
      if (piece > 1 || to - from > 400) return void peer.client.write(sent.subarray(from, to))
      for (let at = from; at < to; at += 1) {
        peer.client.write(sent.subarray(at, at + 1))
        await new Promise(setImmediate)
      }
    }
    const writing = (async () => {
      for (const [index, cut] of cuts.entries()) await write(cut, cuts[index + 1] ?? sent.length)
    })()
    const received: ReturnType<typeof receive>[] = []
    for (let index = 0; index < 4; index += 1) {
      const arrived = await arrival(peer, index)
      received.push(receive(arrived.request))
      await until(() => received[index]?.ends === 1)
      answer(arrived, `<${arrived.request.url}>`)
    }
    await writing
    await until(() => peer.received().includes('</last>'))
    expect(bodies(peer.received())).toEqual(['</one>', '</between>', '</two>', '</last>'])
    expect(received.map(({ bytes, ends }) => [bytes, ends])).toEqual([
      [LENGTH, 1],
      [0, 1],
      [LENGTH + 1, 1],
      [0, 1],
    ])
    expect([received[0]?.digest(), received[2]?.digest()]).toEqual([digest(one), digest(two)])
  },
)

test.each([
  ['Connection: close', '1.1', ''],
  ['Connection: close', '1.1', 'later'],
  ['X: HTTP/1.0', '1.0', ''],
])('what comes behind a long body with %s is no request', async (field, version, later) => {
  const peer = await aClient()
  const last = head('/').replace('1.1', version).replace('Host: a', `Host: a\r\n${field}`)
  peer.client.write(
    Buffer.concat([Buffer.from(last), Buffer.alloc(LENGTH), Buffer.from(later === '' ? get('/never') : '')]),
  )
  const arrived = await arrival(peer, 0)
  const got = receive(arrived.request)
  await until(() => got.ends === 1)
  if (later !== '') peer.client.write(get('/never'))
  await until(() => peer.socket.bytesRead === last.length + LENGTH + get('/never').length)
  answer(arrived, '<last>')
  await until(() => peer.received().includes('<last>'))
  expect(peer.arrived).toHaveLength(1)
})

test('a client that ends its side behind a long body with Connection: close gets its answer', async () => {
  const peer = await aClient()
  peer.client.end(
    Buffer.concat([Buffer.from(head('/').replace('Host', 'Connection: close\r\nHost')), Buffer.alloc(LENGTH)]),
  )
  const arrived = await arrival(peer, 0)
  const got = receive(arrived.request)
  await until(() => got.ends === 1)
  answer(arrived, '<last>')
  await until(() => peer.received().includes('<last>'))
  await until(() => peer.socket.destroyed)
  expect(peer.errors).toEqual([])
})

test('a client that ends its side in the middle of a long body is told so, once, and the request is not complete', async () => {
  const peer = await aClient()
  peer.client.write(head('/'))
  const arrived = await arrival(peer, 0)
  const { request } = arrived
  const got = receive(request)
  peer.client.end(Buffer.alloc(LENGTH - 1))
  await until(() => got.bytes === LENGTH - 1)
  answer(arrived, '<early>')
  await until(() => peer.errors.length > 0)
  expect(peer.errors).toEqual(['HPE_INVALID_EOF_STATE'])
  expect({ bytes: got.bytes, ends: got.ends, complete: request.complete }).toEqual({
    ...{ bytes: LENGTH - 1, ends: 0, complete: false },
  })
})

test('a long body that was announced and put back before HTTP was spoken is read from there', async () => {
  const peer = await aClient(`${head('/')}${'b'.repeat(100)}`)
  const { request } = await arrival(peer, 0)
  const got = receive(request)
  peer.client.write(Buffer.alloc(LENGTH - 100, 'b'))
  peer.client.write(get('/next'))
  await until(() => got.ends === 1)
  expect(got.digest()).toBe(digest(Buffer.alloc(LENGTH, 'b')))
  await arrival(peer, 1)
})

test('of a long body that nobody wants yet little is read', async () => {
  const peer = await aClient()
  peer.client.write(head('/', 50_000_000))
  const { request } = await arrival(peer, 0)
  let parts = 0
  request.on('data', () => {
    parts += 1
    if (parts === 3) request.pause()
  })
  peer.client.write(Buffer.alloc(50_000_000))
  await until(() => parts === 3)
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
  expect(peer.socket.bytesRead).toBeLessThan(1_000_000)
  request.resume()
  await until(() => request.complete)
})
