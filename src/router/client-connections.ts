// The connections of a server's clients: which exchanges run on each, since when it is idle, and whether it still takes requests. One
// listener and no timer per connection: idle ones are found by a look at all of them now and then.
import type { Server, Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ClientLimits } from '../plan/plan.ts'
import { isTooSlow, type BodyPace } from './body-pace.ts'
import type { ClientRequest, ClientResponse, Taker } from './client-message.ts'
import type { ConnectionCounts } from './connection-counts.ts'
import { Crowd } from './crowd.ts'
import { Lingering } from './lingering.ts'
import { peerOf } from './peer.ts'
import { PATIENCE, SlowClients } from './slow-clients.ts'

/** A request that is not over: it ends when its client goes away or has to go, or breaks off what it sends. */
type Ending = {
  readonly request: ClientRequest
  readonly response: ClientResponse
  /** Missing when it is the rest of one that had it. */
  readonly group?: Patient
  clientGone(): void
  cutOff(): void
  /** Missing when it is answered already, and only the client has not taken everything. */
  refuse?(status: number, why: string): void
}

/** Says how long, in milliseconds, a client may take nothing of what waits for it; 0 = for ever. */
type Patient = { readonly responseSocketTimeout: number }

/** A connection with many requests at a time. */
type Multiplexed = {
  readonly isIdle: boolean
  /** Our side is ended. */
  readonly hasLeft: boolean
  leave(): void
  /** Tells of responses that wait for the client. @param patience milliseconds, 0 = for ever */
  eachWaiting(tell: (taker: Taker, patience: number) => void): void
  /** Bodies on their way, until they are known to be complete. */
  readonly bodies: Map<ClientRequest, MultiplexedBody>
}
type MultiplexedBody = BodyPace & { readonly request: MultiplexedRequest }
type MultiplexedRequest = ClientRequest & {
  readonly received: number
  /** The rest of its body is not wanted: it is over, if its response has gone out. */
  dropRest(): void
}

/** One that speaks HTTP/1. */
type Spoken = {
  /** performance.now() when the head that is coming began, or the connection; Infinity: none is coming. */
  readonly headSince: number
  /** False: what the client sends waits in the kernel. */
  readonly isReading: boolean
  /** Calls when all responses that are due are written. */
  whenAnswered(then: () => void): void
}

const state = Symbol('what runs on a connection')
type Busy = {
  readonly socket: ClientSocket
  /** Among the connections of its server. */
  place: number
  readonly running: Ending[]
  idleSince: number
  /** Nothing was asked on it yet, but the first request may be on its way. */
  fresh: boolean
  /** Not even the head of a request has come. */
  isNew: boolean
  /** When the client ended its side; Infinity before. */
  endedAt: number
  /** It has got its last answer, or that is on its way: whatever else comes is dropped. */
  closing: boolean
  /** That of the last request that had one, until it is known to be complete. */
  body: BodyPace | undefined
  multiplexed: Multiplexed | undefined
  http1: Spoken | undefined
  /** That of the last request: connections with many have the time for each. */
  group: Patient | undefined
  readonly lingering: Lingering
}
export type ClientSocket = Socket & { [state]?: Busy }

/**
 * A client that has ended its side may wait for its answer, or be gone: to TCP that is the same. It gets so long to be answered before it
 * counts as gone.
 */
const HALF_CLOSED_MS = 2_000

/** Asked and told by the connections of a server. */
type Authority = Readonly<{
  limits: () => ClientLimits
  /** Of all servers of the router. */
  counts: ConnectionCounts
  /** Answers on a connection that is over a limit, or whose body comes too slowly, and ends it. */
  refuse: (socket: ClientSocket, status: number, why: string) => void
}>

const NO_HEAD = 'the header did not come within header-timeout'
const TOO_SLOW = 'the body came slower than body-timeout and body-minimum-rate allow'

/** All connections of one server. */
export class ClientConnections {
  readonly #open = new Crowd<Busy>()
  readonly #lingering = new Lingering()
  readonly #slowClients = new SlowClients()
  readonly #watchTaker = (taker: Taker, patience: number): void => this.#slowClients.watch(taker, patience)
  readonly #authority: Authority
  #lookedAt = performance.now()

  /** @param arrival the server's event for a connection on which requests can come */
  constructor(server: Server, arrival: 'connection' | 'secureConnection', authority: Authority) {
    this.#authority = authority
    server.on(arrival, (socket: ClientSocket) => {
      const idleSince = performance.now()
      const lingering = this.#lingering
      const busy: Busy = {
        socket,
        place: -1,
        running: [],
        idleSince,
        fresh: true,
        isNew: true,
        endedAt: Infinity,
        closing: false,
        body: undefined,
        multiplexed: undefined,
        http1: undefined,
        group: undefined,
        lingering,
      }
      socket[state] = busy
      socket.on('end', noteEnd)
      const { counts, limits } = authority
      const address = limits().maximumConnectionsPerAddress > 0 ? peerOf(socket).address : ''
      const refusal = counts.refusal(address, limits())
      if (refusal !== undefined) return authority.refuse(socket, 503, refusal)
      this.#open.add(busy)
      counts.open(address)
      socket.on('close', () => {
        this.#open.delete(busy)
        counts.close(address)
        for (const exchange of [...busy.running]) exchange.clientGone()
      })
    })
  }

  /** Cuts them all, whatever runs. */
  cutAll(): void {
    for (const { socket, running } of this.#open) {
      for (const exchange of [...running]) exchange.cutOff()
      socket.destroy()
    }
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size
  }

  /** Looks after the connections whose client does not come to an end, or has come to it. To be called every second or so. */
  check(now: number): void {
    this.#lingering.check(now)
    this.#slowClients.check(now)
    const elapsed = now - this.#lookedAt
    this.#lookedAt = now
    const limits = this.#authority.limits()
    for (const busy of this.#open) {
      const { socket } = busy
      if (busy.multiplexed !== undefined) {
        this.#checkBodies(busy, { now, elapsed })
        busy.multiplexed.eachWaiting(this.#watchTaker)
      } else if (socket.writableLength > 0) this.#watchTaker(socket, busy.group?.responseSocketTimeout ?? PATIENCE)
      this.#checkHead(busy, now, limits)
      if (busy.body?.request.complete === true) busy.body = undefined
      if (busy.body !== undefined && isTooSlow(busy.body, { now, elapsed, bytes: socket.bytesRead }, limits))
        this.#authority.refuse(socket, 408, TOO_SLOW)
      // Where a response has begun, the client's kernel says at the next write whether anybody is there.
      const isSilent = busy.running.every(({ response }) => !response.headersSent)
      if (now - busy.endedAt >= HALF_CLOSED_MS && isSilent && socket.writableLength === 0) socket.destroy()
    }
  }

  #checkHead({ socket, http1, closing }: Busy, now: number, { headerTimeout }: ClientLimits): void {
    if (http1?.isReading !== true || closing || headerTimeout === 0 || now - http1.headSince < headerTimeout) return
    // Who never said a word needs no answer.
    if (socket.bytesRead === 0) socket.destroy()
    else this.#authority.refuse(socket, 408, NO_HEAD)
  }

  #checkBodies({ multiplexed, running }: Busy, time: Readonly<{ now: number; elapsed: number }>): void {
    for (const body of multiplexed?.bodies.values() ?? []) {
      const { request } = body
      if (request.complete) multiplexed?.bodies.delete(request)
      else if (isTooSlow(body, { ...time, bytes: request.received }, this.#authority.limits())) {
        const ending = running.find((each) => each.request === request)
        if (ending?.refuse !== undefined) ending.refuse(408, TOO_SLOW)
        else request.dropRest()
      }
    }
  }

  /**
   * Ends those that have been without a request, and with nothing left to send, since `since` (performance.now()) or longer.
   *
   * @param freshSince the same for connections on which nothing was asked yet
   */
  endIdleSince(since: number, freshSince: number): void {
    const isTimed = this.#authority.limits().headerTimeout > 0
    for (const busy of this.#open) {
      const { socket } = busy
      if (busy.running.length > 0 || busy.idleSince > (busy.fresh ? freshSince : since)) continue
      // The next request is on its way: header-timeout takes care of it.
      if (isTimed && !busy.fresh && (busy.http1?.headSince ?? Infinity) < Infinity) continue
      if (busy.multiplexed !== undefined) {
        // A client that does not end its own side, or is not there any more, would keep its place.
        if (busy.multiplexed.hasLeft) this.#lingering.begin(socket)
        else if (busy.multiplexed.isIdle) busy.multiplexed.leave()
      } else if (socket.writableLength === 0) closeGently(socket)
    }
  }

  /** Tells clients that would otherwise go on asking that the connection will end; it does when they have their answers. */
  leave(): void {
    for (const { multiplexed } of this.#open) multiplexed?.leave()
  }
}

/** An exchange runs on this connection; more than one does when the client pipelines. */
export function beginOn(socket: ClientSocket, exchange: Ending): void {
  const busy = socket[state]
  if (busy === undefined) return
  busy.running.push(exchange)
  if (exchange.group !== undefined) busy.group = exchange.group
  busy.fresh = false
}

/** Whether the request that has just come is the first one of its connection: true once. */
export function isFirstOn(socket: ClientSocket): boolean {
  const busy = socket[state]
  if (busy?.isNew !== true) return false
  busy.isNew = false
  return true
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

/** This connection has many requests at a time. */
export function multiplex(socket: ClientSocket, multiplexed: Multiplexed): void {
  const busy = socket[state]
  if (busy === undefined) return
  busy.multiplexed = multiplexed
  busy.isNew = false
  busy.fresh = false
}

/** Every request of this connection is answered; some may never have come to a group. */
export function noteAnswered(socket: ClientSocket): void {
  const busy = socket[state]
  if (busy === undefined) return
  busy.idleSince = performance.now()
  busy.fresh = false
}

/** This connection has its requests one after the other. */
export function speakHttp1(socket: ClientSocket, spoken: Spoken): void {
  const busy = socket[state]
  if (busy !== undefined) busy.http1 = spoken
}

/** Calls when every response that is due on this connection is written. */
export function whenAnswered(socket: ClientSocket, then: () => void): void {
  const spoken = socket[state]?.http1
  if (spoken === undefined) then()
  else spoken.whenAnswered(then)
}

/** The client has taken back one request of many, or it is over. */
export function requestGone(socket: ClientSocket, request: ClientRequest): void {
  for (const ending of [...(socket[state]?.running ?? [])]) if (ending.request === request) ending.clientGone()
}

/** A request with a body: as long as that is not complete, bytes that come are not a request. */
export function bodyBegins(socket: ClientSocket, request: ClientRequest): void {
  const busy = socket[state]
  if (busy !== undefined) busy.body = { request, since: performance.now(), bytesBefore: socket.bytesRead }
}

/** The client of that request waits to be asked for its body, or now is asked: only then its time counts. */
export function bodyWaits(request: ClientRequest, waits: boolean): void {
  const socket: ClientSocket = request.socket
  const busy = socket[state]
  const body = request.isMultiplexed === true ? busy?.multiplexed?.bodies.get(request) : busy?.body
  if (body !== undefined) body.since = waits ? Infinity : performance.now()
}

/** What runs for the request whose body the client is still to complete; null when that is answered; undefined when there is none. */
export function incompleteOn(socket: ClientSocket): Ending | null | undefined {
  const request = socket[state]?.body?.request
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

/** Ends it when everything is written; a client that may still send gets the time to see its answer. */
export function closeGently(socket: ClientSocket): void {
  const busy = socket[state]
  if (busy === undefined || socket.destroyed || !(busy.closing || busy.body?.request.complete === false)) {
    // TLS has to say its end. To others close(2) says it as well as shutdown(2) before it, which takes a turn of the event loop.
    if (socket.writableLength === 0 && !(socket instanceof TLSSocket)) socket.destroy()
    else socket.destroySoon()
    return
  }
  busy.closing = true
  busy.lingering.begin(socket)
}
