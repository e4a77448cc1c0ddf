// The server of a listener without TLS. It makes the sockets of its clients itself: the one file that knows how Node's own server does that
// (docs/decisions/0024). What they are for is none of its business.
import { Server, Socket, type AddressInfo } from 'node:net'
import { getSystemErrorName } from 'node:util'

/** Node's inner side of a listening socket, TCP or Unix. */
type ListeningHandle = {
  onconnection: (failure: number, client?: object) => void
  /** @returns 0, or what is wrong */
  listen(backlog: number): number
  close(): void
  /** Missing on a Unix socket. */
  readonly setNoDelay?: (on: boolean) => void
  readonly getsockname?: (name: object) => number
}
type Name = Partial<AddressInfo>
type AcceptedSocket = Socket & { _server?: Server; _sockname?: Name }

/** As Node's server has it; the kernel's limit, net.core.somaxconn, is mostly higher. */
const BACKLOG = 511

/** A client that has ended its side after the request still gets the answer. */
export class PlainServer extends Server {
  declare private readonly _handle?: ListeningHandle | null
  declare private _connections: number
  readonly #copies: ListeningHandle[] = []

  constructor() {
    super({ allowHalfOpen: true })
    this.on('listening', () => this._handle && this.#acceptFrom(this._handle))
  }

  /**
   * Takes connections by one more copy of the socket that it listens on: a turn of the event loop takes one from each. Those that come
   * together are read together then, and what they ask for goes to a worker in one write.
   *
   * @param copy a bound socket, as `listen` takes it
   */
  listenAlso(copy: unknown): void {
    // The one decode of this file: the shape is Node's, checked by its tests on every Node that CI runs.
    const handle = copy as ListeningHandle
    this.#acceptFrom(handle)
    const failure = handle.listen(BACKLOG)
    if (failure !== 0) this.emit('error', new Error(`listen: ${getSystemErrorName(failure)}`))
    this.#copies.push(handle)
  }

  override close(done?: (error?: Error) => void): this {
    for (const copy of this.#copies.splice(0)) copy.close()
    return super.close(done)
  }

  #acceptFrom(handle: ListeningHandle): void {
    // Linux has connections inherit it from the socket that they come by.
    handle.setNoDelay?.(true)
    const ownName = commonName(handle)
    handle.onconnection = (failure, client) => {
      if (failure !== 0) return void this.emit('error', new Error(`accept: ${getSystemErrorName(failure)}`))
      const socket = makeSocket(client)
      // Node's server is closed when the last of its sockets is.
      this._connections += 1
      socket._server = this
      if (ownName !== undefined) socket._sockname = ownName
      this.emit('connection', socket)
    }
  }
}

/** All addresses: of IPv4, of both, of IPv4 as IPv6 has them. */
const UNSPECIFIED = /^(?:(?:::ffff:)?0\.0\.0\.0|::)$/

/** What getsockname(2) would say of each connection; undefined when it has to be asked: the socket is bound to all addresses. */
function commonName(listening: ListeningHandle): Name | undefined {
  const name: Name = {}
  const isKnown = listening.getsockname?.(name) === 0 && !UNSPECIFIED.test(name.address ?? '')
  return isKnown ? name : undefined
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
