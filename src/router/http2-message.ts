// A request and its response as a stream of HTTP/2 (RFC 9113), in the form that the rest of the router knows. Node's own compatibility
// classes overwrite repeated fields, hide the connection and end a broken response like a complete one.
import { constants, type ServerHttp2Stream } from 'node:http2'
import { Writable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { IncomingHttpHeaders } from 'node:http'
import type { ClientRequest, ClientResponse, Taker } from './client-message.ts'
import { PATIENCE } from './slow-clients.ts'

const { NGHTTP2_NO_ERROR } = constants

export type ReceivedFields = Readonly<{ headers: IncomingHttpHeaders; raw: readonly string[] }>

export class Http2Request implements ClientRequest {
  readonly httpVersion = '2.0'
  readonly httpVersionMinor = 0
  readonly isMultiplexed = true
  readonly method: string
  readonly url: string
  readonly rawHeaders: string[]
  readonly rawTrailers: string[] = []
  readonly headers: IncomingHttpHeaders
  readonly socket: TLSSocket
  readonly #stream: ServerHttp2Stream
  readonly #onEnd = new Set<() => void>()
  #received = -1

  /** @param received as node:http2 gives them, pseudo-headers too; `raw` are name and value in turn */
  constructor(stream: ServerHttp2Stream, { headers, raw }: ReceivedFields, socket: TLSSocket) {
    const { method, path, fields } = readFields(raw, stream.endAfterHeaders)
    this.method = method
    this.url = path
    this.rawHeaders = fields
    this.headers = headers
    this.socket = socket
    this.#stream = stream
    stream.on('trailers', (trailers) => {
      for (const [name, value] of Object.entries(trailers)) this.rawTrailers.push(name, String(value))
    })
    // A stream that the client resets ends for node:http2 too: what came is then not the whole body.
    stream.on('end', () => {
      if (!stream.aborted) for (const listener of this.#onEnd) listener()
    })
  }

  get complete(): boolean {
    return this.#stream.endAfterHeaders || (this.#stream.readableEnded && !this.#stream.aborted)
  }

  /** Bytes of the body that have come and were asked for. */
  get received(): number {
    return Math.max(this.#received, 0)
  }

  on(event: 'data' | 'end', listener: ((chunk: Buffer) => void) & (() => void)): this {
    if (event === 'data') {
      if (this.#received < 0) this.#count()
      this.#stream.on('data', listener)
    } else this.#onEnd.add(listener)
    return this
  }

  off(event: 'data' | 'end', listener: ((chunk: Buffer) => void) & (() => void)): this {
    if (event === 'data') this.#stream.off('data', listener)
    else this.#onEnd.delete(listener)
    return this
  }

  isPaused(): boolean {
    return this.#stream.isPaused()
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** What is left is to be reset without error behind a complete response (RFC 9113 §8.1): else the stream, and with it the connection, stays open. */
  dropRest(): void {
    if (this.#stream.writableFinished) this.#stream.close(NGHTTP2_NO_ERROR)
  }

  #count(): void {
    this.#received = 0
    this.#stream.on('data', (chunk: Buffer) => (this.#received += chunk.length))
  }
}

type Fields = { method: string; path: string; fields: string[] }

/**
 * The fields as HTTP/1.1 would have brought them: :authority is Host (RFC 9113 §8.3.1: it counts, whatever Host says), and a body
 * whose length is not told is chunked, as Apache has it.
 */
function readFields(raw: readonly string[], isComplete: boolean): Fields {
  const read: Fields = { method: '', path: '', fields: [] }
  let authority: string | undefined
  let hasLength = false
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    if (name === ':method') read.method = value
    else if (name === ':path') read.path = value
    else if (name === ':authority') authority = value
    else if (!name.startsWith(':') && !(name === 'host' && authority !== undefined)) {
      hasLength ||= name === 'content-length'
      read.fields.push(name, value)
    }
  }
  if (authority !== undefined) read.fields.unshift('host', authority)
  if (!isComplete && !hasLength) read.fields.push('transfer-encoding', 'chunked')
  return read
}

/** A stream of its own, so that files can be piped into it as into node:http's. */
export class Http2Response extends Writable implements ClientResponse, Taker {
  readonly req: Http2Request
  shouldKeepAlive = true
  statusCode = 200
  headersSent = false
  patience = PATIENCE
  readonly #stream: ServerHttp2Stream
  /** By name in lower case. */
  readonly #fields = new Map<string, string | string[]>()
  #isBodyless = false
  /** Bytes of the body that the stream was given, and those of them that it has sent. */
  #given = 0
  #taken = 0

  constructor(stream: ServerHttp2Stream, request: Http2Request) {
    super()
    this.#stream = stream
    this.req = request
    // A stream that the client has reset takes nothing more: its 'close' tells.
    this.on('error', () => undefined)
  }

  get bytesWritten(): number {
    return this.#taken + this.writableLength
  }

  setHeader(name: string, value: string | number | readonly string[]): void {
    this.#fields.set(name.toLowerCase(), typeof value === 'object' ? [...value] : String(value))
  }

  appendHeader(name: string, value: string): void {
    const before = this.getHeader(name)
    this.setHeader(name, before === undefined ? value : [before, value].flat())
  }

  getHeader(name: string): string | string[] | undefined {
    return this.#fields.get(name.toLowerCase())
  }

  getHeaderNames(): string[] {
    return [...this.#fields.keys()]
  }

  removeHeader(name: string): void {
    this.#fields.delete(name.toLowerCase())
  }

  writeContinue(): void {
    if (this.#isOpen) this.#stream.additionalHeaders({ ':status': 100 })
  }

  /** There is no reason phrase in HTTP/2 (RFC 9113 §8.3.2). */
  writeHead(status: number, _reason: string, headers: readonly string[]): void {
    this.headersSent = true
    this.statusCode = status
    this.#isBodyless = this.req.method === 'HEAD' || status === 204 || status === 205 || status === 304
    if (!this.#isOpen) return
    const fields = { ...Object.fromEntries(this.#fields), ...fieldsOf(headers) }
    // A stream whose length is not kept is malformed; only HEAD and 304 may tell that of another response.
    if (status === 204 || status === 205) delete fields['content-length']
    this.#stream.respond({ ...fields, ':status': status }, { endStream: this.#isBodyless })
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#needHead()
    // It gets one part after the other.
    this.#taken = this.#given
    this.#given += chunk.length
    if (this.#isOpen && !this.#isBodyless) this.#stream.write(chunk, done)
    else done()
  }

  override _final(done: () => void): void {
    this.#needHead()
    const stream = this.#stream
    // What the client has sent and nobody reads is dropped.
    stream.resume()
    if (!this.#isOpen) return done()
    // And it need not send the rest (RFC 9113 §8.1).
    const isCutOff = !this.shouldKeepAlive && !this.req.complete
    if (isCutOff) stream.once('finish', () => stream.close(NGHTTP2_NO_ERROR))
    if (this.#isBodyless) done()
    else stream.end(done)
  }

  /**
   * Before its end it is cut, so that the client sees that it is not complete: with INTERNAL_ERROR. close() with that code would not do: it ends
   * the stream first, and END_STREAM may go out before the reset.
   */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished && this.#isOpen) this.#stream.destroy(new Error('the response was cut short'))
    done(error)
  }

  #needHead(): void {
    if (!this.headersSent) this.writeHead(this.statusCode, '', [])
  }

  get #isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed
  }
}

/** Fields that HTTP/2 does not have (RFC 9113 §8.2.2), besides those that response-head.ts drops anyway. */
const OF_HTTP1 = new Set(['proxy-connection', 'http2-settings'])

/** Lower-case names; a repeated field becomes a list, Set-Cookie stays several. */
function fieldsOf(headers: readonly string[]): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {}
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase()
    const value = headers[index + 1] ?? ''
    const before = fields[name]
    if (name === 'set-cookie') fields[name] = [before ?? [], value].flat()
    else if (!OF_HTTP1.has(name)) fields[name] = before === undefined ? value : `${String(before)}, ${value}`
  }
  return fields
}
