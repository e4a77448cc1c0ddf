// The server of a listener with TLS, with the certificates of a table that a reload replaces. Decides nothing about requests.
import type { Server as NetServer, Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'
import type { CertificatePlan } from '../plan/plan.ts'
import { CertificateTable, contextOptions } from './certificate-table.ts'
import { TOO_MANY_WAIT, type WaitingConnections } from './connection-counts.ts'

/** A client that does not come through the handshake keeps nothing for longer. */
const HANDSHAKE_TIMEOUT_MS = 10_000

export type SecureServer = Readonly<{
  server: Server
  /** Its event for a connection on which requests can come. */
  arrival: 'secureConnection'
  /** Gives it other certificates; connections that are open keep theirs. */
  renew: (certificates: readonly CertificatePlan[]) => void
}>

/**
 * Makes a server that is not listening yet. Its clients choose between HTTP/2 and HTTP/1.
 *
 * @param certificates at least one
 */
export function createSecureServer(certificates: readonly CertificatePlan[]): SecureServer {
  let table = new CertificateTable(certificates)
  const server = createServer({
    ...defaultContext(certificates),
    noDelay: true,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    SNICallback: (name, done) => done(null, table.find(name)),
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return {
    server,
    arrival: 'secureConnection',
    renew: (renewed) => {
      table = new CertificateTable(renewed)
      server.setSecureContext(defaultContext(renewed))
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
