// The connections of a server's clients: which exchanges run on each, since when it is idle, and whether it still takes requests. One
// listener and no timer per connection: idle ones are found by a look at all of them now and then.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { Lingering } from './lingering.ts'

/** A request that is not over: it ends when its client goes away or has to go, or breaks off what it sends. */
type Ending = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  clientGone(): void
  cutOff(): void
  /** Missing when it is answered already, and only the client has not taken everything. */
  refuse?(status: number, why: string): void
}

const state = Symbol('what runs on a connection')
type Busy = {
  readonly running: Ending[]
  idleSince: number
  /** Nothing was asked on it yet, but the first request may be on its way. */
  fresh: boolean
  /** When the client ended its side; Infinity before. */
  endedAt: number
  /** It has got its last answer, or that is on its way: whatever else comes is dropped. */
  closing: boolean
  /** The last request that had a body, until that is known to be complete. */
  body: IncomingMessage | undefined
  readonly lingering: Lingering
}
export type ClientSocket = Socket & { [state]?: Busy }

/**
 * A client that has ended its side may wait for its answer, or be gone: to TCP that is the same. It gets so long to be answered before it
 * counts as gone.
 */
const HALF_CLOSED_MS = 2_000

/** All connections of one server. */
export class ClientConnections {
  readonly #sockets = new Set<ClientSocket>()
  readonly #lingering = new Lingering()

  /** @param arrival the server's event for a connection on which requests can come */
  constructor(server: Server, arrival: 'connection' | 'secureConnection') {
    server.on(arrival, (socket: ClientSocket) => {
      const idleSince = performance.now()
      const lingering = this.#lingering
      socket[state] = {
        running: [],
        idleSince,
        fresh: true,
        endedAt: Infinity,
        closing: false,
        body: undefined,
        lingering,
      }
      socket.on('end', noteEnd)
      // What node:http calls when the last response is complete.
      socket.destroySoon = closeGently
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

  /** Looks after the connections whose client does not come to an end, or has come to it. To be called every second or so. */
  check(now: number): void {
    this.#lingering.check(now)
    for (const socket of this.#sockets) {
      const busy = socket[state]
      if (busy === undefined) continue
      if (busy.body?.complete === true) busy.body = undefined
      // Where a response has begun, the client's kernel says at the next write whether anybody is there.
      const isSilent = busy.running.every(({ response }) => !response.headersSent)
      if (now - busy.endedAt >= HALF_CLOSED_MS && isSilent && socket.writableLength === 0) socket.destroy()
    }
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

/** A request with a body: as long as that is not complete, bytes that come are not a request. */
export function bodyBegins(socket: ClientSocket, request: IncomingMessage): void {
  if (socket[state] !== undefined) socket[state].body = request
}

/** What runs for the request whose body the client is still to complete; null when that is answered; undefined when there is none. */
export function incompleteOn(socket: ClientSocket): Ending | null | undefined {
  const request = socket[state]?.body
  if (request === undefined || request.complete) return undefined
  return socket[state]?.running.find((exchange) => exchange.request === request) ?? null
}

/** No more requests are taken on this connection: what follows the one that is being answered is dropped, never run. */
export function takeNoMore(socket: ClientSocket): void {
  if (socket[state] !== undefined) socket[state].closing = true
}

/** Whether what comes on this connection is to be dropped. */
export function takesNoMore(socket: ClientSocket): boolean {
  return socket[state]?.closing === true
}

function noteEnd(this: ClientSocket): void {
  if (this[state] !== undefined) this[state].endedAt = performance.now()
}

/** In the place of destroySoon(): a client that may still send gets the time to see its answer. */
function closeGently(this: ClientSocket): void {
  const busy = this[state]
  if (busy === undefined || this.destroyed || !(busy.closing || busy.body?.complete === false)) {
    Socket.prototype.destroySoon.call(this)
    return
  }
  busy.closing = true
  busy.lingering.begin(this)
}
