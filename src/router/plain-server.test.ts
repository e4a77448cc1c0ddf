// What a listener without TLS makes of its connections: the sockets that Node's own server would make. Real connections.
import { afterEach, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bindTcp } from '../launch/sockets.ts'
import { PlainServer } from './plain-server.ts'

type Accepted = { client: Socket; socket: Socket }

const cleanups: (() => void)[] = []

afterEach(() => {
  for (const clean of cleanups.splice(0)) clean()
})

async function listening<Kind extends Server>(at: ListenOptions, server: Kind): Promise<Kind> {
  server.listen(at)
  cleanups.push(() => server.close())
  await once(server, 'listening')
  return server
}

/** @param host where the client thinks that the server is */
async function accepted(server: Server, host = '127.0.0.1'): Promise<Accepted> {
  const address = server.address() as AddressInfo | string
  const client = typeof address === 'string' ? connect(address) : connect(address.port, host)
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], unknown]
  cleanups.push(
    () => client.destroy(),
    () => socket.destroy(),
  )
  return { client, socket }
}

/** What getsockopt(2) says of a connection; another process asks, since Node cannot. */
function hasNoDelay(socket: Socket & { readonly _handle?: { readonly fd: number } }): boolean {
  const ask = 'import socket; s = socket.socket(fileno=3); print(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))'
  const stdio = ['ignore', 'pipe', 'inherit', socket._handle?.fd] as const
  const { stdout } = spawnSync('python3', ['-c', ask], { stdio: [...stdio], encoding: 'utf8' })
  expect(stdout).toMatch(/^\d+\n$/)
  return Number(stdout) !== 0
}

test('what is written to a client leaves at once, however small (TCP_NODELAY)', async () => {
  const { client, socket } = await accepted(await listening({ port: 0, host: '127.0.0.1' }, new PlainServer()))
  expect(hasNoDelay(socket)).toBe(true)
  // That is, the kernel was really asked.
  expect(hasNoDelay(client)).toBe(false)
})

test.each([
  ['127.0.0.1', '127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.2', '127.0.0.2'],
  ['::', '127.0.0.2', '::ffff:127.0.0.2'],
])('a connection to a listener on %s knows both of its ends', async (bound, host, localAddress) => {
  const server = await listening({ port: 0, host: bound }, new PlainServer())
  const { client, socket } = await accepted(server, host)
  expect(socket).toMatchObject({ localAddress, localPort: client.remotePort, remotePort: client.localPort })
})

test('so do connections to two listeners at a time', async () => {
  const servers = [
    await listening({ port: 0, host: '127.0.0.1' }, new PlainServer()),
    await listening({ port: 0, host: '127.0.0.1' }, new PlainServer()),
  ]
  for (const server of servers) {
    const { client, socket } = await accepted(server)
    expect(socket.localPort).toBe(client.remotePort)
  }
})

test('a Unix socket takes connections too', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wsgid-plain-'))
  cleanups.push(() => rmSync(directory, { recursive: true }))
  const { client, socket } = await accepted(await listening({ path: join(directory, 'a.sock') }, new PlainServer()))
  socket.end('hello')
  expect(String((await once(client, 'data'))[0])).toBe('hello')
  expect([socket.remoteAddress, socket.localAddress]).toEqual([undefined, undefined])
})

test('its sockets have the same options as those of Node', async () => {
  const ours = await accepted(await listening({ port: 0, host: '127.0.0.1' }, new PlainServer()))
  const nodes = await accepted(await listening({ port: 0, host: '127.0.0.1' }, createServer({ allowHalfOpen: true })))
  const options = ({ socket }: Accepted): unknown => {
    const { allowHalfOpen, readableHighWaterMark, writableHighWaterMark, readableObjectMode } = socket
    return { allowHalfOpen, readableHighWaterMark, writableHighWaterMark, readableObjectMode }
  }
  expect(options(ours)).toEqual(options(nodes))
})

test('a client that has ended its side still gets an answer', async () => {
  const { client, socket } = await accepted(await listening({ port: 0, host: '127.0.0.1' }, new PlainServer()))
  client.end('request')
  socket.resume()
  await once(socket, 'end')
  socket.end('answer')
  expect(String((await once(client, 'data'))[0])).toBe('answer')
})

test('it is closed when its last connection is, not before', async () => {
  const server = await listening({ port: 0, host: '127.0.0.1' }, new PlainServer())
  const { socket } = await accepted(server)
  let isClosed = false
  server.close(() => (isClosed = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isClosed).toBe(false)
  socket.destroy()
  await once(server, 'close')
})

test('it takes connections by each socket that it was given, and by none when it is closed', async () => {
  const server = await listening({ port: 0, host: '127.0.0.1' }, new PlainServer())
  const { port } = server.address() as AddressInfo
  const another = bindTcp('127.0.0.1', 0)
  server.listenAlso(another.handle)
  for (const at of [port, another.port, port, another.port]) {
    const client = connect(at, '127.0.0.1')
    const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], unknown]
    expect(socket.localPort).toBe(at)
    socket.destroy()
  }
  server.close()
  for (const at of [port, another.port]) {
    const [error] = (await once(connect(at, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  }
})
