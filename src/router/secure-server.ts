// The server of a listener with TLS: node:https for HTTP/1, with the certificates of a table that a reload replaces. Decides nothing about requests.
import type { RequestListener, ServerOptions } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Server as NetServer, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { CertificatePlan } from '../plan/plan.ts'
import { CertificateTable, contextOptions } from './certificate-table.ts'
import { TOO_MANY_WAIT, type WaitingConnections } from './connection-counts.ts'

/** A client that does not come through the handshake keeps nothing for longer. */
const HANDSHAKE_TIMEOUT_MS = 10_000

export type SecureServer = Readonly<{
  server: Server
  /** Gives it other certificates; connections that are open keep theirs. */
  renew: (certificates: readonly CertificatePlan[]) => void
  /** From now on clients may choose HTTP/2; their connections come here. */
  offerHttp2: (onConnection: (socket: TLSSocket) => void) => void
}>

/**
 * Makes a server that is not listening yet.
 *
 * @param certificates at least one
 * @param options      of node:http
 */
export function createSecureServer(
  certificates: readonly CertificatePlan[],
  options: ServerOptions,
  onRequest: RequestListener,
): SecureServer {
  let table = new CertificateTable(certificates)
  const server = createServer(
    {
      ...options,
      ...defaultContext(certificates),
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      SNICallback: (name, done) => done(null, table.find(name)),
    },
    onRequest,
  )
  // node:https hands failed handshakes to 'clientError', which would be answered in plain text.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return {
    server,
    renew: (renewed) => {
      table = new CertificateTable(renewed)
      server.setSecureContext(defaultContext(renewed))
    },
    offerHttp2: (onConnection) => {
      const [serveHttp1] = server.listeners('secureConnection')
      if (serveHttp1 === undefined) throw new Error('node:https serves connections in another way')
      server.off('secureConnection', serveHttp1 as (socket: TLSSocket) => void)
      server.on('secureConnection', (socket) => {
        if (socket.alpnProtocol === 'h2') onConnection(socket)
        else Reflect.apply(serveHttp1, server, [socket])
      })
    },
  }
}

/** `_parent`: the connection beneath a TLS socket. */
type SocketAbove = Socket & { readonly _parent?: Socket }

/** Tells of connections as long as their handshake lasts; closes those that are too many. */
export function countHandshakes(server: NetServer, waiting: WaitingConnections): void {
  const shaking = new Set<Socket>()
  const end = (socket: Socket | undefined): void => {
    if (socket !== undefined && shaking.delete(socket)) waiting.end()
  }
  server.on('connection', (socket: Socket) => {
    if (!waiting.begin()) {
      socket.destroy()
      return waiting.complain(TOO_MANY_WAIT)
    }
    shaking.add(socket)
  })
  server.on('secureConnection', ({ _parent }: SocketAbove) => end(_parent))
  // Failed, ended by the client, or too slow: the connection beneath does not say that it is closed.
  server.on('tlsClientError', (_error: Error, { _parent }: SocketAbove) => end(_parent))
}

function defaultContext([first]: readonly CertificatePlan[]) {
  if (first === undefined) throw new Error('a listener with TLS has no certificate')
  return contextOptions(first)
}
