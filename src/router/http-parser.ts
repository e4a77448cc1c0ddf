// Node's own parser of HTTP/1 (llhttp), reading from a connection by itself: the one file that knows how Node's HTTP server is made inside
// (docs/decisions/0023). What a request then is about is http1-connection.ts's business.
import { METHODS } from 'node:http'
import { HTTPParser } from 'node:_http_common'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { FOREIGN } from './request-line.ts'

/** What parser and socket report (net.Socket's errors have no reason). */
export type ClientError = NodeJS.ErrnoException & { reason?: string; rawPacket?: Buffer; bytesParsed?: number }

/** The head of a request as it came; `fields` are name and value in turn, all text is latin-1. */
export type ParsedHead = Readonly<{
  method: string
  target: string
  major: number
  minor: number
  fields: string[]
  /** By its version and its Connection field the client would send another request. */
  keepsAlive: boolean
}>

/** Requests, or the body of this one. */
export const HTTP = 0
/** The body of this one, which the owner reads by itself: the parser would copy it. */
export const OWN_BODY = 1
/** Something else, as behind CONNECT. */
export const NO_HTTP = 2
export type Follows = typeof HTTP | typeof OWN_BODY | typeof NO_HTTP

/** Told what the parser finds, in the order of the bytes. */
export type ParserOwner = {
  headBegins(): void
  /** @returns what follows */
  headComes(head: ParsedHead): Follows
  /** After OWN_BODY, once: it follows. The owner has the parser stand aside, and go on behind it. @param bytes what has come of it, and perhaps of what is behind it */
  ownBodyFollows(bytes: Buffer): void
  /** While the parser stands aside. */
  ownBodyComes(bytes: Buffer): void
  bodyComes(part: Buffer): void
  /** @param trailers name and value in turn */
  messageEnds(trailers: string[]): void
  /** All that was read is parsed: nothing more is told until more is read. */
  parsed(): void
  /** What came is no HTTP. Nothing is told any more. */
  fails(error: ClientError): void
}

type OwnedParser = HTTPParser & {
  owner: ParserOwner
  /** Of a long head, or of trailers, as far as they have come. */
  fields: string[]
  target: string
  /** The owner reads a body. */
  isAside: boolean
}

/** Node's inner side of a connection. */
type Handle = { reading: boolean; readStart(): void; readStop(): void }
export type ParsedSocket = Socket & { readonly _handle?: Handle | null }

/** Parsers that nobody has are kept for the next connections: to make one takes longer than to parse a request. */
const MOST_KEPT = 1_000
const kept: OwnedParser[] = []
const NONE: string[] = []
const NOTHING = Buffer.alloc(0)
/** net calls it with what it has read. */
// It is called as a method of the sockets that get it back.
// eslint-disable-next-line @typescript-eslint/unbound-method
const { push } = Readable.prototype
/** What asynchronous hooks, which nobody has here, would be told. */
const RESOURCE = {}

/** A parser that reads requests from a connection. */
export class HttpParser {
  readonly #socket: ParsedSocket
  #parser: OwnedParser | null
  readonly #maxHeaderSize: number

  /** @param maxHeaderSize bytes of request line and header together */
  constructor(socket: ParsedSocket, owner: ParserOwner, maxHeaderSize: number) {
    this.#socket = socket
    this.#maxHeaderSize = maxHeaderSize
    const parser = kept.pop() ?? makeParser()
    parser.owner = owner
    this.#parser = parser
  }

  /** Begins to read. What was put back into the socket comes first. */
  begin(): void {
    const bytes: unknown = this.#socket.readableLength > 0 ? this.#socket.read() : NOTHING
    if (bytes instanceof Buffer) this.goOn(bytes)
    this.setReading(true)
  }

  /** The next request begins. @param bytes what was read of it already, and of what is behind it */
  goOn(bytes: Buffer): void {
    const parser = this.#parser
    if (parser === null) return
    if (parser.isAside) this.#socket.push = push
    parser.isAside = false
    parser.initialize(HTTPParser.REQUEST, RESOURCE, this.#maxHeaderSize, HTTPParser.kLenientNone)
    if (bytes.length > 0) report(parser, parser.execute(bytes), bytes)
    const { _handle: handle } = this.#socket
    if (handle && this.#parser?.isAside === false) parser.consume(handle)
  }

  /** From now on what is read is the owner's. It is taken where it comes into the stream, which would keep it and read on. */
  standAside(): void {
    const { owner } = this.#parser ?? { owner: NOBODY }
    this.#parser?.unconsume()
    this.#socket.push = function (this: Socket, bytes: Buffer | null) {
      if (bytes === null) return push.call(this, bytes)
      owner.ownBodyComes(bytes)
      return true
    }
  }

  /** Whether the connection is read. */
  setReading(wanted: boolean): void {
    const { _handle: handle } = this.#socket
    if (!handle || handle.reading === wanted) return
    handle.reading = wanted
    if (wanted) handle.readStart()
    else handle.readStop()
  }

  get isReading(): boolean {
    return this.#socket._handle?.reading === true
  }

  /** What it is parsing; only while it tells of it. */
  get bytes(): Buffer | undefined {
    return this.#parser?.getCurrentBuffer()
  }

  /** The client has ended its side. @returns what is wrong with that: it was in the middle of a request */
  finish(): ClientError | undefined {
    return this.#parser?.finish()
  }

  /** Tells nothing any more and leaves what comes to the socket. Not to be called while it tells of something. */
  end(): void {
    const parser = this.#parser
    if (parser === null) return
    this.#parser = null
    parser.unconsume()
    parser.owner = NOBODY
    parser.fields = NONE
    parser.target = ''
    if (parser.isAside) this.#socket.push = push
    parser.isAside = false
    parser.remove()
    parser.free()
    if (kept.length < MOST_KEPT) kept.push(parser)
    // It may be what is running just now.
    else setImmediate(() => parser.close())
  }
}

const NOBODY: ParserOwner = {
  headBegins: () => undefined,
  headComes: () => NO_HTTP,
  ownBodyFollows: () => undefined,
  ownBodyComes: () => undefined,
  bodyComes: () => undefined,
  messageEnds: () => undefined,
  parsed: () => undefined,
  fails: () => undefined,
}

function makeParser(): OwnedParser {
  const parser = Object.assign(new HTTPParser(), { owner: NOBODY, fields: NONE, target: '', isAside: false })
  parser[HTTPParser.kOnMessageBegin] = onMessageBegin
  parser[HTTPParser.kOnHeaders] = onHeaders
  parser[HTTPParser.kOnHeadersComplete] = onHeadersComplete
  parser[HTTPParser.kOnBody] = onBody
  parser[HTTPParser.kOnMessageComplete] = onMessageComplete
  parser[HTTPParser.kOnExecute] = onExecute
  return parser
}

function onMessageBegin(this: OwnedParser): void {
  this.owner.headBegins()
}

/** Every 32 fields of a head, and for trailers. */
function onHeaders(this: OwnedParser, fields: string[], target: string): void {
  if (this.fields.length === 0) this.fields = fields
  else this.fields.push(...fields)
  this.target += target
}

/** What the parser is to do with what follows. */
const GO_ON = 0
const STOP = 2

// The parser calls it with nine arguments; those behind the target are status, its text (both of responses), upgrade and keep-alive.
// eslint-disable-next-line max-params
function onHeadersComplete(
  this: OwnedParser,
  major: number,
  minor: number,
  rest: string[] | undefined,
  method: number,
  target: string | undefined,
  _status: unknown,
  _reason: unknown,
  _upgrade: unknown,
  keepsAlive: boolean,
): number {
  const head = {
    method: methodNames[method] ?? '',
    target: target ?? this.target,
    major,
    minor,
    fields: rest ?? this.fields,
    keepsAlive,
  }
  this.fields = NONE
  this.target = ''
  const follows = this.owner.headComes(head)
  this.isAside = follows === OWN_BODY
  return follows === HTTP ? GO_ON : STOP
}

function onBody(this: OwnedParser, part: Buffer): void {
  this.owner.bodyComes(part)
}

function onMessageComplete(this: OwnedParser): void {
  // It takes what it is not to read for the end.
  if (this.isAside) return
  const trailers = this.fields
  this.fields = NONE
  // The target comes with the trailers once more.
  this.target = ''
  this.owner.messageEnds(trailers)
}

function onExecute(this: OwnedParser, result: number | Error): void {
  if (typeof result === 'number' && !this.isAside) this.owner.parsed()
  else report(this, result, this.getCurrentBuffer())
}

function report({ owner, isAside }: OwnedParser, result: number | Error, bytes: Buffer): void {
  if (typeof result === 'number' && isAside) owner.ownBodyFollows(bytes.subarray(result))
  else if (typeof result === 'number') owner.parsed()
  else owner.fails(Object.assign(result, { rawPacket: bytes }))
}

/** Names by the parser's numbers, which it is asked for: each method is parsed once. */
const methodNames = learnMethods()

function learnMethods(): readonly string[] {
  const names: string[] = []
  const parser = new HTTPParser()
  for (const name of new Set([...METHODS, ...FOREIGN])) {
    parser[HTTPParser.kOnHeadersComplete] = (
      _major: number,
      _minor: number,
      _fields: unknown,
      method: number,
    ): number => {
      names[method] = name
      return STOP
    }
    const target = name === 'CONNECT' ? 'a:1' : '/'
    for (const version of ['HTTP/1.1', 'RTSP/1.0', 'ICE/1.0']) {
      parser.initialize(HTTPParser.REQUEST, RESOURCE, 0, HTTPParser.kLenientNone)
      parser.execute(Buffer.from(`${name} ${target} ${version}\r\n\r\n`))
    }
  }
  parser.close()
  return names
}
