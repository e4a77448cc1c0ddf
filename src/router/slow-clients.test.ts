import { expect, test } from '@jest/globals'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { SlowClients } from './slow-clients.ts'

test('response-socket-timeout: a client that takes nothing is cut, one that takes something is not', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const [client, socket] = await aConnection((server.address() as AddressInfo).port, server)
  client.pause()
  socket.on('error', () => undefined)
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
  client.destroy()
  server.close()
})

async function aConnection(port: number, server: ReturnType<typeof createServer>): Promise<[Socket, Socket]> {
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect(port, '127.0.0.1').on('error', () => undefined)
  return [client, (await accepted)[0]]
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
