// The connections of a server's clients: which exchanges run on each, and since when it is idle. One listener and no timer per
// connection: idle ones are found by a look at all of them now and then.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Something that ends when its client goes away, or has to go. */
type Ending = { clientGone(): void; cutOff(): void }

const state = Symbol('what runs on a connection')
/** `fresh`: nothing was asked on it yet, but the first request may be on its way. */
type Busy = { readonly running: Ending[]; idleSince: number; fresh: boolean }
type ClientSocket = Socket & { [state]?: Busy }

/** All connections of one server. */
export class ClientConnections {
  readonly #sockets = new Set<ClientSocket>()

  constructor(server: Server) {
    server.on('connection', (socket: ClientSocket) => {
      socket[state] = { running: [], idleSince: performance.now(), fresh: true }
      this.#sockets.add(socket)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        for (const exchange of [...(socket[state]?.running ?? [])]) exchange.clientGone()
      })
    })
  }

  /** Cuts them all, whatever runs. */
  cutAll(): void {
    for (const socket of this.#sockets) {
      for (const exchange of [...(socket[state]?.running ?? [])]) exchange.cutOff()
      socket.destroy()
    }
  }

  /** How many are open. */
  get count(): number {
    return this.#sockets.size
  }

  /**
   * Ends those that have been without a request, and with nothing left to send, since `since` (performance.now()) or longer.
   *
   * @param freshSince the same for connections on which nothing was asked yet
   */
  endIdleSince(since: number, freshSince: number): void {
    for (const socket of this.#sockets) {
      const busy = socket[state]
      if (busy === undefined || busy.running.length > 0 || busy.idleSince > (busy.fresh ? freshSince : since)) continue
      if (socket.writableLength === 0) socket.destroySoon()
    }
  }
}

/** An exchange runs on this connection; more than one does when the client pipelines. */
export function beginOn(socket: ClientSocket, exchange: Ending): void {
  const busy = socket[state]
  if (busy === undefined) return
  busy.running.push(exchange)
  busy.fresh = false
}

/** An exchange is over. */
export function endOn(socket: ClientSocket, exchange: Ending): void {
  const busy = socket[state]
  if (busy === undefined) return
  const { running } = busy
  if (running[0] === exchange) running.shift()
  else running.splice(running.indexOf(exchange), 1)
  busy.idleSince = performance.now()
}
