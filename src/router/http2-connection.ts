// One connection that speaks HTTP/2: its limits, its streams, and how it is ended. What a request is about is the front's business.
import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { ClientLimits } from '../plan/plan.ts'
import { INITIAL_BODY_CREDIT } from '../protocol/frames.ts'
import type { BodyPace } from './body-pace.ts'
import { requestGone } from './client-connections.ts'
import type { ClientRequest, Taker } from './client-message.ts'
import { Http2Request, Http2Response, type ReceivedFields } from './http2-message.ts'

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = constants

/** Requests at a time on one connection; more are refused, which clients repeat (RFC 9113 §5.1.2 advises at least 100). */
const MOST_STREAMS = 128
/** What all uploads of a connection may have sent that no worker has taken yet. */
const CONNECTION_WINDOW = 1_048_576
/** :method, :path, :scheme, :authority. */
const PSEUDO_FIELDS = 4
/** Mebibytes that node:http2 may hold for a connection, its streams' data included. */
const MOST_MEMORY = 64
/** A client that takes back more requests than this, and more than half of all, does nothing else (CVE-2023-44487). */
const MOST_RESETS = 100
/** From the notice that the connection will end until requests are no longer taken: a round trip, and some. */
const NOTICE_MS = 1_000
const LAST_STREAM = 2 ** 31 - 1

type OnRequest = (request: Http2Request, response: Http2Response) => void

export class Http2Connection {
  readonly #session: ServerHttp2Session
  readonly #socket: TLSSocket
  readonly #onRequest: OnRequest
  readonly bodies = new Map<ClientRequest, BodyPace & { readonly request: Http2Request }>()
  /** Of streams that are open. */
  readonly #responses = new Set<Http2Response>()
  #begun = 0
  #resets = 0
  #notice: NodeJS.Timeout | undefined

  /** Takes over a socket on which the client has chosen h2. */
  constructor(socket: TLSSocket, { requestHeader, requestFields }: ClientLimits, onRequest: OnRequest) {
    this.#socket = socket
    this.#onRequest = onRequest
    this.#session = performServerHandshake(socket, {
      // A few more are refused with 431; all beyond it and longer ones by node:http2, with a reset of their stream.
      maxHeaderListPairs: 2 * requestFields + PSEUDO_FIELDS,
      maxSessionMemory: MOST_MEMORY,
      settings: {
        enablePush: false,
        initialWindowSize: INITIAL_BODY_CREDIT,
        maxConcurrentStreams: MOST_STREAMS,
        maxHeaderListSize: requestHeader,
      },
    })
    this.#session.setLocalWindowSize(CONNECTION_WINDOW)
    const arrived = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]): void =>
      this.#arrived(stream, { headers, raw })
    this.#session.on('stream', arrived)
    // A client that breaks the protocol or goes away: node:http2 ends the connection, and 'close' follows.
    this.#session.on('error', () => undefined)
    this.#session.on('close', () => clearTimeout(this.#notice))
  }

  /** No request is open. */
  get isIdle(): boolean {
    return this.#responses.size === 0
  }

  eachWaiting(tell: (taker: Taker, patience: number) => void): void {
    for (const response of this.#responses) if (response.writableLength > 0) tell(response, response.patience)
  }

  /** GOAWAY is said, nothing runs, and our side is ended or will be when everything is sent. */
  get hasLeft(): boolean {
    return this.#session.destroyed
  }

  /** Says GOAWAY: at once when nothing is open, else first that it will (RFC 9113 §6.8). What runs is finished. */
  leave(): void {
    if (this.isIdle) return this.#session.close()
    if (this.#notice !== undefined || this.#session.closed) return
    this.#session.goaway(NGHTTP2_NO_ERROR, LAST_STREAM)
    this.#notice = setTimeout(() => this.#session.close(), NOTICE_MS)
  }

  #arrived(stream: ServerHttp2Stream, received: ReceivedFields): void {
    const request = new Http2Request(stream, received, this.#socket)
    const response = new Http2Response(stream, request)
    this.#responses.add(response)
    this.#begun += 1
    // The client's reset is an 'aborted', ours an error: 'close' is the end either way.
    stream.on('error', () => undefined)
    stream.on('close', () => {
      this.#responses.delete(response)
      requestGone(this.#socket, request)
      this.bodies.delete(request)
      response.destroy()
      if (stream.aborted) this.#countReset()
    })
    if (!stream.endAfterHeaders) this.bodies.set(request, { request, since: performance.now(), bytesBefore: 0 })
    this.#onRequest(request, response)
  }

  #countReset(): void {
    this.#resets += 1
    if (this.#resets <= MOST_RESETS || this.#resets * 2 <= this.#begun) return
    // With a code alone node:http2 would say NO_ERROR.
    this.#session.destroy(new Error('too many resets'), NGHTTP2_ENHANCE_YOUR_CALM)
  }
}
