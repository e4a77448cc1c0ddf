import { expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { connect as connectSecure, createServer as createSecureServer } from 'node:tls'
import { makeCertificate } from '../../test/support/certificates.ts'
import type { Taker } from './client-message.ts'
import { SlowClients } from './slow-clients.ts'

type Connection = Disposable & { client: Socket; socket: Socket }

const connections: readonly [string, () => Promise<Connection>][] = [
  ['TCP', () => aConnection(createServer(), 'connection', (port) => connect(port, '127.0.0.1'))],
  [
    'TLS',
    () =>
      aConnection(createSecureServer(aCertificate()), 'secureConnection', (port) =>
        connectSecure({ port, rejectUnauthorized: false }),
      ),
  ],
]

test.each(connections)('response-socket-timeout over %s: a client that takes nothing is cut', async (_, open) => {
  using connection = await open()
  const { client, socket } = connection
  while (socket.write(Buffer.alloc(1_048_576)) || socket.writableLength < 8_000_000) await new Promise(setImmediate)
  const clients = new SlowClients()
  const start = performance.now()
  clients.watch(socket, 1_000)
  clients.check(start + 900)
  // Reading some of it is progress: the time starts again.
  const before = socket.writableLength
  client.resume()
  while (socket.writableLength === before) await new Promise(setImmediate)
  client.pause()
  clients.check(start + 1_500)
  clients.check(start + 2_400)
  expect(socket.destroyed).toBe(false)
  while (client.readableFlowing !== false) await new Promise(setImmediate)
  clients.check(start + 2_450)
  clients.check(start + 10_000)
  clients.check(start + 20_000)
  expect(socket.destroyed).toBe(true)
})

test.each(connections)('over %s: a client that takes a little of one large write is not cut', async (_, open) => {
  using connection = await open()
  const { client, socket } = connection
  const length = 64 << 20
  socket.write(Buffer.alloc(length))
  const clients = new SlowClients()
  const start = performance.now()
  clients.watch(socket, 1_000)
  for (let second = 1; second <= 3; second += 1) {
    const before = leftToKernel(socket)
    client.resume()
    while (leftToKernel(socket) === before) await new Promise(setImmediate)
    client.pause()
    clients.check(start + 1_000 * second)
    expect([socket.destroyed, socket.writableLength]).toEqual([false, length])
  }
})

/** What the kernel has not taken yet of the first write that waits. */
function leftToKernel({ _handle }: Taker): number | undefined {
  return (_handle?._parent ?? _handle)?.writeQueueSize
}

test('a client that takes as much as is written meanwhile is not cut, whatever waits for it', () => {
  const taker = {
    writableLength: 65_536,
    bytesWritten: 65_536,
    destroyed: false,
    destroy: () => void (taker.destroyed = true),
  }
  const clients = new SlowClients()
  const start = performance.now()
  clients.watch(taker, 1_000)
  for (let second = 1; second < 10; second += 1) {
    taker.bytesWritten += 65_536
    clients.check(start + 1_000 * second)
  }
  expect(taker.destroyed).toBe(false)
  clients.check(start + 11_000)
  expect(taker.destroyed).toBe(true)
})

async function aConnection(server: Server, event: string, open: (port: number) => Socket): Promise<Connection> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, event) as Promise<[Socket]>
  const client = open((server.address() as AddressInfo).port)
  const [socket] = await accepted
  for (const each of [client, socket]) each.on('error', () => undefined)
  client.pause()
  return {
    ...{ client, socket },
    [Symbol.dispose]: () => {
      client.destroy()
      socket.destroy()
      server.close()
    },
  }
}

function aCertificate(): { cert: Buffer; key: Buffer } {
  const directory = mkdtempSync(join(tmpdir(), 'wsgid-certificate-'))
  try {
    const { certificate, key } = makeCertificate(directory, 'slow', ['localhost'])
    return { cert: readFileSync(certificate), key: readFileSync(key) }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
