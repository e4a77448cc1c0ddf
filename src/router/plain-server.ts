// The server of a listener without TLS. It makes the sockets of its clients itself: the one file that knows how Node's own server does that
// (docs/decisions/0024). What they are for is none of its business.
import { createServer, Socket, type AddressInfo, type Server } from 'node:net'

/** Node's inner sides of a server and of its clients' sockets. */
type ListeningHandle = {
  onconnection(failure: number, client: object | undefined): void
  /** Missing on a Unix socket. */
  setNoDelay?(on: boolean): void
}
type AcceptingServer = Server & { readonly _handle?: ListeningHandle | null; _connections?: number }
type AcceptedSocket = Socket & { _server?: Server; _sockname?: AddressInfo }

/** Makes a server that is not listening yet. A client that has ended its side after the request still gets the answer. */
export function createPlainServer(): Server {
  const server = createServer({ allowHalfOpen: true })
  return server.on('listening', () => acceptOn(server))
}

function acceptOn(server: AcceptingServer): void {
  const { _handle: handle } = server
  if (!handle) return
  // Linux has connections inherit it from the socket that they come by.
  handle.setNoDelay?.(true)
  const ownName = commonName(server.address())
  const accept = handle.onconnection.bind(handle)
  handle.onconnection = (failure, client) => {
    if (failure !== 0) return accept(failure, client)
    const socket = makeSocket(client)
    // Node's server is closed when the last of its sockets is.
    server._connections = (server._connections ?? 0) + 1
    socket._server = server
    if (ownName !== undefined) socket._sockname = ownName
    server.emit('connection', socket)
  }
}

/** What getsockname(2) would say of each connection; undefined when it has to be asked: the listener is bound to all addresses. */
function commonName(bound: AddressInfo | string | null): AddressInfo | undefined {
  if (bound === null || typeof bound === 'string') return undefined
  return bound.address === '0.0.0.0' || bound.address === '::' ? undefined : bound
}

function makeSocket(handle: object | undefined): AcceptedSocket {
  // Node's server leaves the last three to Socket, which adds them to a copy of its options. V8 makes new classes for each such copy in
  // Node 20 (not in 22), and nothing that looks at it is fast: with all of them in place a socket takes 14 µs less.
  const options = {
    handle,
    allowHalfOpen: true,
    readable: true,
    writable: true,
    // Whoever gets it begins to read.
    manualStart: true,
    emitClose: false,
    autoDestroy: true,
    decodeStrings: false,
  }
  return new Socket(options)
}
