// One request and its response, from the router's side: what the client sent, which worker has it, what goes back. Ends exactly
// once, by an answer, an error page or a cut connection. Which worker comes next is decided in dispatcher.ts.
import { EXPECTS, ONCE, ProtocolViolation, type WholeBody } from '../protocol/frames.ts'
import type { EndCause } from '../protocol/request-counts.ts'
import { passOn } from './chunk-pool.ts'
import { beginOn, endOn, takesNoMore } from './client-connections.ts'
import type { ClientRequest, ClientResponse } from './client-message.ts'
import { answerWithError } from './error-page.ts'
import { causeOfFailure, statusOfFailure } from './failure-answers.ts'
import { ResponseFlow } from './response-flow.ts'
import { peerOf } from './peer.ts'
import { causeOfStatus, type RequestEnd, type RequestEnds } from './request-end.ts'
import { parseResponseHead, type ResponseHead } from './response-head.ts'
import { StreamedResponse } from './streamed-response.ts'
import { isKnownEnd, whenTaken } from './told-end.ts'
import type { BodyChannel, Upload } from './upload.ts'
import { endWhole, withLength } from './whole-response.ts'

/** Small bodies go to node:http as latin-1 text: it then joins head and body into one write. Larger ones are passed on as bytes, with the head in one writev. */
const LARGEST_TEXT_BODY = 16_384
/** Workers lost with it, at most: a request that kills its worker shall not kill them all. */
const MOST_LOSSES = 3

/** Where the parts of a frame's payload lie in the input buffer. */
type Parts = Readonly<{ head: number; body: number; end: number }>

/** What an exchange needs of its group. */
export type ExchangeGroup = {
  /** The name by which people know it. */
  readonly processGroup: string
  readonly responseBufferSize: number
  readonly responseSocketTimeout: number
  /** A response is being held for a slow client: counts against what the whole router may hold. */
  readonly budget: { held: number; readonly limit: number }
  readonly ends: RequestEnds
  exchangeEnded(exchange: Exchange, cause: EndCause): void
  log(level: LogLevel, exchange: Exchange, text: string): void
}

/** `info`: nobody need look at it. */
export type LogLevel = 'info' | 'warn' | 'error'

/** The connection to the worker that has it, as far as an exchange may use it. */
export type WorkerChannel = BodyChannel & {
  readonly address: Readonly<{ pid: number }>
  readonly outstanding: { get(id: number): Exchange | undefined }
  readonly firstCredit: number
  sendRequest(exchange: Exchange, head: string, body: WholeBody, flags: number): void
  sendStreamRequest(exchange: Exchange, head: string, flags: number): void
  sendCredit(id: number, amount: number): void
  sendAbort(id: number): void
  countEnd(status: number): void
}

export class Exchange {
  /** Number on the connection of the worker that has it. */
  id = 0
  /** It cannot be excluded that the application was called. */
  started = false
  done = false
  /** performance.now() when it arrived. */
  readonly arrivedAt = performance.now()
  /** performance.now() when the worker last sent something for it, or got something of it. */
  heardAt = 0
  /** Order of arrival in the group; a returned request goes back to its place. */
  sequence = 0
  recalled = false
  /** The head of the REQUEST frame. */
  head = ''
  /** When it is at hand. */
  body: WholeBody = ''
  upload: Upload | undefined = undefined
  /** Host header, or what a trusted proxy says in its place. */
  host = ''
  /** Address of the client by the word of a trusted proxy; "" = the other end of the connection. */
  client = ''
  /** Who was authenticated. */
  user: string | null = null
  /** performance.now() when it was complete enough for a worker; -1: not yet. */
  queuedAt = -1
  /** performance.now() when it was sent to the worker that had it last; -1: not yet. */
  sentAt = -1
  /** Of the response; 0: none was begun. */
  status = 0
  /** How long the application ran, as its worker measured it; -1: unknown. */
  applicationMicroseconds = -1

  readonly request: ClientRequest
  readonly response: ClientResponse
  readonly requestId: string
  /** May run twice (RFC 9110 §9.2.2). */
  readonly isIdempotent: boolean
  readonly group: ExchangeGroup
  #connection: WorkerChannel | undefined = undefined
  #losses = 0
  #stream: StreamedResponse | undefined = undefined
  /** Of the body of a response that was not streamed, as far as handed to the client's connection. */
  #bytes = 0

  constructor(request: ClientRequest, response: ClientResponse, group: ExchangeGroup, requestId: string) {
    this.request = request
    this.response = response
    this.group = group
    this.requestId = requestId
    this.isIdempotent = IDEMPOTENT.has(request.method ?? '')
    if (request.isMultiplexed === true) response.patience = group.responseSocketTimeout
    beginOn(request.socket, this)
  }

  /** Gives the request to a worker. */
  send(connection: WorkerChannel): void {
    const flags = this.isIdempotent ? 0 : ONCE
    if (this.upload === undefined) connection.sendRequest(this, this.head, this.body, flags)
    else {
      connection.sendStreamRequest(this, this.head, this.upload.awaitsInvitation ? flags | EXPECTS : flags)
      this.upload.attach(connection, this.id)
    }
  }

  /** Called by the connection when it has given the request its number. */
  sentTo(connection: WorkerChannel, id: number): void {
    this.#connection = connection
    this.id = id
    this.heardAt = performance.now()
    this.sentAt = this.heardAt
  }

  // -- what the worker says -----------------------------------------------------------------------------------------

  /** A whole response. */
  respond(input: Buffer, parts: Parts): void {
    if (this.done) return
    if (this.response.headersSent) return this.#cutShort('the worker sent a second response head')
    const head = this.#readHead(input, parts)
    if (head === undefined) return
    const length = parts.end - parts.body
    const expected = this.#bodyless(head) ? length : head.contentLength
    if (length > expected && expected >= 0) this.#warnOfSurplus(length - expected)
    if (expected > length) return this.#cutShort(`the application promised ${expected} bytes and sent ${length}`)
    const end = expected < 0 ? parts.end : parts.body + expected
    this.status = head.status
    if (!this.#bodyless(head)) this.#bytes = end - parts.body
    if (end - parts.body <= LARGEST_TEXT_BODY) {
      endWhole(this.response, head, input.toString('latin1', parts.body, end))
    } else {
      this.response.writeHead(head.status, head.reason, withLength(head.headers, head.contentLength, length))
      passOn(this.response, input.subarray(parts.body, end))
      this.response.end()
    }
    this.#finish('ok')
  }

  /** A response begins, with the first part of its body. */
  beginResponse(input: Buffer, parts: Parts): void {
    if (this.done) return
    if (this.response.headersSent) throw new ProtocolViolation('a second response head')
    this.upload?.begun()
    const head = this.#readHead(input, parts)
    if (head === undefined) return
    this.status = head.status
    this.response.writeHead(head.status, head.reason, head.headers as string[])
    const declared = { length: head.contentLength, isDropped: this.#bodyless(head) }
    this.#stream = new StreamedResponse(this.response, declared, this.#makeFlow())
    this.continueResponse(input, parts.body, parts.end)
  }

  /** The next part of the body. Credit for it returns when the client, or our buffer, has taken it. */
  continueResponse(input: Buffer, start: number, end: number): void {
    const stream = this.#stream
    stream?.flow.received(end - start)
    if (this.done) return
    if (stream === undefined) throw new ProtocolViolation('a response body without a head')
    const surplus = stream.write(input.subarray(start, end))
    if (surplus > 0) this.#warnOfSurplus(surplus)
  }

  endResponse(): void {
    if (this.done) return
    if (!this.response.headersSent) return this.refuse(502, 'the worker ended a response that had not begun')
    const missing = this.#stream?.missing ?? 0
    if (missing > 0)
      return this.#cutShort(`the application sent ${missing} bytes less than its Content-Length promised`)
    this.response.end()
    this.#finish('ok')
  }

  /** No complete response. `detail` is the worker's word for the cause; it goes to the log, never to the client. */
  failed(reason: number, detail: string): void {
    if (this.done) return
    const cause = causeOfFailure(reason, detail)
    if (this.response.headersSent) this.#cutShort(cause)
    else this.refuse(statusOfFailure(reason), cause)
  }

  bodyCredit(amount: number): void {
    this.started = true
    this.upload?.addCredit(amount)
  }

  // -- what becomes of it otherwise -----------------------------------------------------------------------------------

  /** Its worker is gone. @returns whether another one may get it (RFC 9110 §9.2.2); it is ready for that */
  outlives(): boolean {
    this.#losses += 1
    if (this.done || this.response.headersSent || this.#losses === MOST_LOSSES) return false
    if (this.upload !== undefined && !this.upload.replayable) return false
    if (this.started && !this.isIdempotent) return false
    this.takeBack()
    return true
  }

  /** The worker has it no longer, and it was not answered: ready to be sent again. */
  takeBack(): void {
    this.#connection = undefined
    this.recalled = false
    this.started = false
    this.upload?.detach()
  }

  /** Answers with an error page and logs why; cuts the connection when the answer has begun already. */
  refuse(status: number, why: string, level: LogLevel = status >= 500 ? 'error' : 'warn'): void {
    if (this.done) return
    if (this.response.headersSent) return this.#cutNow(why)
    this.group.log(level, this, `answered ${status}: ${why}`)
    // Whatever is left of the request's body will not be read: the connection cannot be used again.
    if (!this.request.complete && (this.upload !== undefined || takesNoMore(this.request.socket)))
      this.response.shouldKeepAlive = false
    this.status = status
    this.#bytes = answerWithError(this.response, status, this.requestId)
    this.#stopWorker()
    this.#finish(causeOfStatus(status))
  }

  /** The client's address, behind trusted proxies too. */
  get address(): string {
    return this.client === '' ? peerOf(this.request.socket).address : this.client
  }

  /** It was answered without a worker, by so many bytes of a body. */
  answeredHere(status: number, bytes: number, cause: EndCause): void {
    if (this.done) return
    this.status = status
    this.#bytes = bytes
    this.#finish(cause)
  }

  /** Ends a request whose worker has been silent since `since`, unless it is the client that is waited for. */
  endIfSilentSince(since: number, timeout: number): void {
    if (
      this.done ||
      this.heardAt > since ||
      this.#stream?.flow.waitsForClient === true ||
      this.upload?.waitsForClient === true
    )
      return
    const why = `the worker was silent for longer than socket-timeout (${timeout} ms)`
    if (this.response.headersSent) this.#cutShort(why)
    else this.refuse(504, why)
  }

  /** The client's connection has ended. */
  clientGone(): void {
    if (this.done) return
    this.#stopWorker()
    this.#finish('client-gone')
  }

  /** The router ends before the response does. */
  cutOff(): void {
    if (!this.done) this.#cutNow('the server stopped')
  }

  // -- inside -----------------------------------------------------------------------------------------------------------

  #readHead(input: Buffer, parts: Parts): ResponseHead | undefined {
    const head = parseResponseHead(input.toString('latin1', parts.head, parts.body))
    if (head === undefined) this.refuse(502, 'the worker sent a response head that is not one')
    else if (head.status > 599 && this.request.isMultiplexed === true) {
      // node:http2 sends none that HTTP does not have (RFC 9110 §15).
      this.refuse(502, `status ${head.status} cannot be sent by HTTP/2`)
      return undefined
    }
    return head
  }

  #warnOfSurplus(length: number): void {
    this.group.log('warn', this, `${length} bytes cut: the application sent more than its Content-Length promised`)
  }

  #bodyless(head: ResponseHead): boolean {
    return this.request.method === 'HEAD' || head.status === 204 || head.status === 304
  }

  /** Too late for an error page: the connection is cut, so that the client sees the truncation. */
  #cutShort(why: string): void {
    if (!this.response.headersSent) return this.refuse(502, why)
    this.#cutNow(why)
  }

  #cutNow(why: string): void {
    this.group.log('error', this, `connection cut: ${why}`)
    this.response.destroy()
    this.#stopWorker()
    this.#finish('cut')
  }

  #stopWorker(): void {
    if (this.#connection?.outstanding.get(this.id) === this) this.#connection.sendAbort(this.id)
  }

  #makeFlow(): ResponseFlow {
    return new ResponseFlow(this.response, this.group, {
      firstCredit: this.#connection?.firstCredit ?? 0,
      grant: (amount) => this.#connection?.sendCredit(this.id, amount),
      resumed: () => {
        this.heardAt = performance.now()
        if (!this.done) this.#stream?.written()
      },
    })
  }

  #finish(cause: EndCause): void {
    this.done = true
    endOn(this.request.socket, this)
    if (this.group.ends.tell !== null) this.#tellEnd(cause, this.group.ends.tell)
    this.#stream?.flow.end()
    this.body = ''
    this.head = ''
    this.upload?.abandon()
    this.#connection?.countEnd(this.status)
    this.group.exchangeEnded(this, cause)
  }

  #tellEnd(cause: EndCause, tell: (end: RequestEnd) => void): void {
    if (isKnownEnd(this, cause)) tell(this.#end(cause))
    else whenTaken(this, cause, (how) => tell(this.#end(how)))
  }

  #end(cause: EndCause): RequestEnd {
    const { request } = this
    const endedAt = performance.now()
    const queueEnd = this.sentAt < 0 ? endedAt : this.sentAt
    return {
      requestId: this.requestId,
      group: this.group.processGroup,
      method: request.method ?? '',
      target: request.url ?? '',
      protocol: `HTTP/${request.httpVersion}`,
      rawHeaders: request.rawHeaders,
      client: this.address,
      host: this.host,
      user: this.user,
      status: this.status === 0 ? null : this.status,
      bytes: this.#stream?.bytes ?? this.#bytes,
      arrivedAt: this.arrivedAt,
      endedAt,
      queueMs: this.queuedAt < 0 ? null : queueEnd - this.queuedAt,
      applicationMs: this.applicationMicroseconds < 0 ? null : this.applicationMicroseconds / 1000,
      workerPid: this.#connection?.address.pid ?? null,
      cause,
    }
  }
}

/** RFC 9110 §9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
