// A client and the HTTP/1 connection that it has: real sockets; what the front would do is scripted.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach } from '@jest/globals'
import { ClientConnections, speakHttp1, whenAnswered } from '../../src/router/client-connections.ts'
import { FIRST_LIMITS } from '../../src/router/client-limits.ts'
import { ConnectionCounts } from '../../src/router/connection-counts.ts'
import { Http1Connection } from '../../src/router/http1-connection.ts'
import type { Http1Request } from '../../src/router/http1-request.ts'
import type { Http1Response } from '../../src/router/http1-response.ts'

type Arrived = { request: Http1Request; response: Http1Response }
type Peer = {
  client: Socket
  socket: Socket
  connections: ClientConnections
  arrived: Arrived[]
  errors: string[]
  tunnels: number
  refused: number[]
  received: () => string
}

const open: (() => void)[] = []

afterEach(() => {
  for (const close of open.splice(0)) close()
})

/** @param first what the server has read of it before it speaks HTTP */
export async function aClient(first = ''): Promise<Peer> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  const refused: number[] = []
  const connections = new ClientConnections(server, 'connection', {
    limits: () => FIRST_LIMITS,
    counts: new ConnectionCounts(),
    refuse: (_socket, status) => refused.push(status),
  })
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
  const peer: Peer = {
    ...{ client, socket, connections, refused, arrived: [], errors: [], tunnels: 0 },
    received: () => received,
  }
  const connection = new Http1Connection(socket, 16_384, {
    request: (request, response) => peer.arrived.push({ request, response }),
    tunnel: () => (peer.tunnels += 1),
    // As the front does.
    error: (error) => whenAnswered(socket, () => peer.errors.push(error.code ?? error.message)),
  })
  if (first !== '') socket.unshift(Buffer.from(first, 'latin1'))
  speakHttp1(socket, connection)
  connection.begin()
  return peer
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}

/** The n-th request that has come, once it has. */
export async function arrival({ arrived }: Peer, index: number): Promise<Arrived> {
  await until(() => arrived.length > index)
  const found = arrived[index]
  if (found === undefined) throw new Error(`no request ${index}`)
  return found
}

export const get = (target: string, version = '1.1') => `GET ${target} HTTP/${version}\r\nHost: a\r\n\r\n`

export function answer({ response }: Arrived, body: string): void {
  response.writeHead(200, 'OK', ['Content-Length', String(body.length)])
  response.end(body)
}

/** The bodies of all responses, each between <>. */
export const bodies = (text: string) => text.match(/<[^>]*>/g)
