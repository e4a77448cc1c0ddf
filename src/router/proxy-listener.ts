// The step before HTTP, and before TLS, on listeners with proxy-protocol: reads the PROXY header, then hands the connection with the rest of what has come to
// the server that would have accepted it. Only such listeners have it.
import type { Server, Socket } from 'node:net'
import type { ProxyProtocol } from '../plan/plan.ts'
import { TOO_MANY_WAIT, type WaitingConnections } from './connection-counts.ts'
import { introduce, peerOf } from './peer.ts'
import { PlainServer } from './plain-server.ts'
import { readProxyHeader, type ProxyHeader } from './proxy-header.ts'

/** A proxy sends its header with the first packet: it need not have as long as header-timeout may be. */
const longestWaitMs = 10_000

export type ProxyListening = Readonly<{
  /** Asked for each connection, since a reload may change it. */
  mode: () => ProxyProtocol
  /** Whether this address may send a header. */
  trusts: (address: string) => boolean
  /** Milliseconds; 0: no limit for what follows. */
  headerTimeout: () => number
  waiting: WaitingConnections
}>

/** A server to listen with instead of `server`, which gets the connections one step later. */
export function createProxyListener(server: Server, listening: ProxyListening): Server {
  const waiting = new Set<Socket>()
  const refuse = (socket: Socket, why: string): void => {
    socket.destroy()
    listening.waiting.complain(`connection closed, no good PROXY header from ${why}`)
  }
  const arrived = (socket: Socket): void => {
    const { address } = peerOf(socket)
    const required = listening.mode() === 'required'
    if (!listening.trusts(address)) {
      if (required) refuse(socket, `${address || 'a local client'} is none of trusted-proxies`)
      else server.emit('connection', socket)
      return
    }
    if (!listening.waiting.begin()) {
      socket.destroy()
      return listening.waiting.complain(TOO_MANY_WAIT)
    }
    waiting.add(socket)
    awaitHeader(socket, waitOf(listening.headerTimeout()), (header) => {
      waiting.delete(socket)
      listening.waiting.end()
      const why = header.kind === 'malformed' ? header.why : 'it did not come'
      if (header.kind === 'malformed' || header.kind === 'more' || (header.kind === 'none' && required)) {
        return refuse(socket, `${address || 'a local client'}: ${why}`)
      }
      if (header.kind === 'header' && header.peer !== null) introduce(socket, header.peer)
      server.emit('connection', socket)
    })
  }
  const listener = new PlainServer().on('connection', arrived)
  listener.on('close', () => waiting.forEach((socket) => socket.destroy()))
  return listener
}

function waitOf(headerTimeoutMs: number): number {
  return headerTimeoutMs > 0 ? Math.min(headerTimeoutMs, longestWaitMs) : longestWaitMs
}

/**
 * Waits for what a connection begins with; the rest of what has come is put back. A connection that ends before is told as `more`, and so is one whose
 * header is not complete in time.
 */
function awaitHeader(socket: Socket, milliseconds: number, done: (header: ProxyHeader) => void): void {
  let input: Buffer = Buffer.alloc(0)
  const finish = (header: ProxyHeader): void => {
    clearTimeout(timer)
    socket.off('readable', look).off('end', give).off('close', give).off('error', give)
    const rest = header.kind === 'header' ? input.subarray(header.length) : input
    if (rest.length > 0 && !socket.readableEnded) socket.unshift(rest)
    done(header)
  }
  const look = (): void => {
    for (let chunk: unknown = socket.read(); chunk instanceof Buffer; chunk = socket.read()) {
      input = Buffer.concat([input, chunk])
    }
    const header = readProxyHeader(input)
    if (header.kind !== 'more') finish(header)
  }
  const give = (): void => finish({ kind: 'more' })
  const timer = setTimeout(give, milliseconds)
  socket.on('readable', look).on('end', give).on('close', give).on('error', give)
}
