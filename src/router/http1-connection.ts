// A client's connection that speaks HTTP/1: makes requests of what the parser finds, gives the responses their turns, and says when the
// connection is read. What a request is about is the front's business.
import { closeGently, noteAnswered, takesNoMore, type ClientSocket } from './client-connections.ts'
import { HTTP, HttpParser, NO_HTTP, OWN_BODY, type ClientError, type Follows, type ParsedHead } from './http-parser.ts'
import { Http1Request } from './http1-request.ts'
import { Http1Response } from './http1-response.ts'
import { lengthOfLongBody } from './long-body.ts'

/** Told by the connection. */
type Front = {
  request(request: Http1Request, response: Http1Response): void
  /** CONNECT: nothing behind it is read as HTTP. */
  tunnel(socket: ClientSocket): void
  /** What the client sends is no HTTP, or its connection has failed. */
  error(error: ClientError, socket: ClientSocket): void
}

/** A client that sends further requests without waiting for answers gets no more of them read than this. */
const MOST_PIPELINED = 16

const NO_TRAILERS: string[] = []

export class Http1Connection {
  readonly socket: ClientSocket
  /** performance.now() when the head that is coming began, or the connection; Infinity: none is coming. */
  headSince = performance.now()
  readonly #front: Front
  readonly #parser: HttpParser
  /** In the order of their requests: the first one goes out. */
  readonly #responses: Http1Response[] = []
  /** Its body is coming. */
  #receiving: Http1Request | undefined = undefined
  /** Bytes of its body that come past the parser. */
  #missing = 0
  /** Behind that body other requests may come. */
  #goesOn = true
  /** Nothing that comes is looked at any more. */
  #isDeaf = false
  /** The client has ended its side. */
  #hasEnded = false
  /** The last answer is written. */
  #isOver = false
  #collects = false
  /** Responses whose turn has come are being written, one after the other. */
  #handsOver = false
  #whenAnswered: (() => void) | undefined = undefined

  /** Takes over a socket on which requests can come. */
  constructor(socket: ClientSocket, maxHeaderSize: number, front: Front) {
    this.socket = socket
    this.#front = front
    this.#parser = new HttpParser(socket, this, maxHeaderSize)
    socket.on('error', (error) => front.error(error, socket))
    socket.on('drain', () => this.#drained())
    socket.on('end', () => this.#ended())
    socket.on('close', () => this.#closed())
  }

  /** Begins to read; something may have come already. */
  begin(): void {
    this.#parser.begin()
  }

  /** False: what the client sends waits in the kernel, whoever's fault it is. */
  get isReading(): boolean {
    return this.#parser.isReading
  }

  /** What the parser is at, while it tells of something. */
  get bytes(): Buffer | undefined {
    return this.#parser.bytes
  }

  /** Calls when all responses that are due are written: now, or later. */
  whenAnswered(then: () => void): void {
    if (this.#responses.length === 0) then()
    else this.#whenAnswered = then
  }

  // -- what the parser says ---------------------------------------------------------------------------------------------

  headBegins(): void {
    this.headSince = performance.now()
  }

  headComes(head: ParsedHead): Follows {
    this.headSince = Infinity
    // It stands behind a request whose answer ends the connection, or that could be understood in two ways: it may be part of its body.
    if (this.#isDeaf || takesNoMore(this.socket)) {
      this.#isDeaf = true
      return NO_HTTP
    }
    if (head.method === 'CONNECT') {
      this.#isDeaf = true
      this.#front.tunnel(this.socket)
      return NO_HTTP
    }
    const request = new Http1Request(this, head)
    const isFirst = this.#responses.length === 0
    const response = new Http1Response(this, request, { keepsAlive: head.keepsAlive, isFirst })
    this.#receiving = request
    this.#responses.push(response)
    if (!isFirst || this.socket.writableNeedDrain) this.followBody()
    this.#front.request(request, response)
    this.#missing = lengthOfLongBody(head)
    this.#goesOn = head.keepsAlive
    return this.#missing > 0 ? OWN_BODY : HTTP
  }

  ownBodyFollows(bytes: Buffer): void {
    this.#parser.standAside()
    if (bytes.length > 0) this.ownBodyComes(bytes)
  }

  ownBodyComes(bytes: Buffer): void {
    if (this.#missing === 0) return this.fails(behindTheLast())
    const part = bytes.length > this.#missing ? bytes.subarray(0, this.#missing) : bytes
    this.#missing -= part.length
    this.bodyComes(part)
    if (this.#missing > 0) return
    this.messageEnds(NO_TRAILERS)
    const rest = bytes.subarray(part.length)
    if (!this.#goesOn) return rest.length > 0 ? this.ownBodyComes(rest) : undefined
    this.#parser.goOn(rest)
    this.parsed()
  }

  bodyComes(part: Buffer): void {
    this.#receiving?.take(part)
  }

  messageEnds(trailers: string[]): void {
    const request = this.#receiving
    this.#receiving = undefined
    request?.end(trailers)
  }

  parsed(): void {
    if (this.#isDeaf) this.#dropRest()
  }

  fails(error: ClientError): void {
    this.#isDeaf = true
    this.#front.error(error, this.socket)
    this.#dropRest()
  }

  // -- what requests and responses say ----------------------------------------------------------------------------------

  followBody(): void {
    if (this.#isDeaf) return
    // Who does not take the answers gets no further requests read.
    const isBehind =
      this.#responses.length > MOST_PIPELINED ||
      (this.socket.writableNeedDrain && this.#responses[0]?.req !== this.#receiving)
    const isWanted = !isBehind && this.#receiving?.isHeld !== true
    // A head that we did not read cannot be late.
    if (isWanted && this.headSince < Infinity && !this.isReading) this.headSince = performance.now()
    this.#parser.setReading(isWanted)
  }

  collect(): void {
    if (this.#collects) return
    this.#collects = true
    this.socket.cork()
    process.nextTick(() => this.release())
  }

  release(): void {
    if (!this.#collects) return
    this.#collects = false
    this.socket.uncork()
  }

  wentOut(response: Http1Response): void {
    this.#responses.shift()
    if (!response.shouldKeepAlive || (this.#hasEnded && this.#responses.length === 0)) return this.#end()
    if (!response.req.complete || response.req.isHeld) response.req.drop()
    if (this.#handsOver) return
    if (this.#responses.length > 0) this.#handOver()
    if (this.#responses.length > 0) return this.followBody()
    noteAnswered(this.socket)
    this.#whenAnswered?.()
  }

  // -- inside -----------------------------------------------------------------------------------------------------------

  /** Thousands may be complete: each hands over to this loop, not to the next one. */
  #handOver(): void {
    this.#handsOver = true
    for (let [next] = this.#responses; next?.isWaiting === true && !this.#isOver; [next] = this.#responses)
      next.takeTurn()
    this.#handsOver = false
  }

  /** That was the last answer. Whatever else comes is read, so that the client is not stuck with it, and dropped. */
  #end(): void {
    this.#isOver = true
    this.#isDeaf = true
    this.#receiving?.drop()
    this.#parser.setReading(true)
    closeGently(this.socket)
  }

  /** The client has ended its side: what is due it still gets. */
  #ended(): void {
    this.#hasEnded = true
    if (this.#isDeaf) return
    const error = this.#missing === 0 ? this.#parser.finish() : brokenOff(this.#missing)
    const last = this.#responses.at(-1)
    if (error !== undefined) this.fails(error)
    else if (last === undefined) closeGently(this.socket)
    else if (!last.headersSent) last.shouldKeepAlive = false
  }

  #drained(): void {
    this.#responses[0]?.drained()
    this.followBody()
  }

  /** Read on, so that the client's end is seen and its bytes do not make a reset of our answer; nothing is kept. */
  #dropRest(): void {
    this.#parser.end()
    this.#receiving?.drop()
    this.#receiving = undefined
    if (this.socket.destroyed) return
    this.socket.resume()
    // The socket does not know when its reading was stopped.
    this.#parser.setReading(true)
  }

  #closed(): void {
    this.#isDeaf = true
    this.#parser.end()
    for (const response of this.#responses.splice(0)) response.lost()
  }
}

/** What the parser says of a body that it reads. */
function brokenOff(missing: number): ClientError {
  const reason = `${missing} bytes of the body are missing`
  return Object.assign(new Error(reason), { code: 'HPE_INVALID_EOF_STATE', reason })
}

/** What the parser says of what comes behind a request that ends the connection: it is none that may be processed (RFC 9112 §9.6). */
function behindTheLast(): ClientError {
  return Object.assign(new Error('data after `Connection: close`'), { code: 'HPE_CLOSED_CONNECTION' })
}
