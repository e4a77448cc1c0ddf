// A response of HTTP/1 as the rest of the router writes it: its head, the framing of its body, and its turn among those of a connection.
import { EventEmitter } from 'node:events'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ClientResponse, Written } from './client-message.ts'
import { http1Head } from './http1-head.ts'
import type { Http1Request } from './http1-request.ts'

/** The connection that it goes out by. */
type Way = {
  readonly socket: Socket
  /** What is written until the end of this tick goes out at once. */
  collect(): void
  /** What was collected goes out now. */
  release(): void
  /** All of this response is written, or nothing more of it will be: it is the next one's turn. */
  wentOut(response: Http1Response): void
}

/** It waits for those before it; goes out; is written, and waits for the client; is taken by the kernel as a whole, or cut. */
const WAITING = 0
const GOING = 1
const WRITTEN = 2
const OVER = 3

type Part = Readonly<{ bytes: string | Uint8Array; done: Written | undefined }>

const NOTHING = Buffer.alloc(0)

export class Http1Response extends EventEmitter implements ClientResponse {
  readonly req: Http1Request
  shouldKeepAlive: boolean
  statusCode = 200
  headersSent = false
  destroyed = false
  writableFinished = false
  readonly writable = true
  readonly #way: Way
  #stage: number
  #isEnded = false
  #needsDrain = false
  #isChunked = false
  #hasBody = true
  /** Made, and not written yet: it goes with the first part of the body. */
  #head = ''
  /** Set one by one: name in lower case, to name and values. */
  #fields: Map<string, string[]> | undefined = undefined
  /** Until its turn comes. */
  #parts: Part[] | undefined = undefined
  #partBytes = 0

  constructor(way: Way, request: Http1Request, state: Readonly<{ keepsAlive: boolean; isFirst: boolean }>) {
    super()
    this.#way = way
    this.req = request
    this.shouldKeepAlive = state.keepsAlive
    this.#stage = state.isFirst ? GOING : WAITING
  }

  /** Bytes that wait for their turn or for the client. */
  get writableLength(): number {
    if (this.#stage === WAITING) return this.#partBytes
    return this.#stage === OVER ? 0 : this.#way.socket.writableLength
  }

  /** Asked by those who pipe a file into it. */
  get writableEnded(): boolean {
    return this.#isEnded
  }

  get writableNeedDrain(): boolean {
    return this.#needsDrain
  }

  setHeader(name: string, value: string | number | readonly string[]): this {
    const values = typeof value === 'object' ? value : [String(value)]
    this.#fields ??= new Map()
    this.#fields.set(name.toLowerCase(), [name, ...values])
    return this
  }

  appendHeader(name: string, value: string): this {
    const [, ...before] = this.#fields?.get(name.toLowerCase()) ?? []
    return this.setHeader(name, [...before, value])
  }

  getHeader(name: string): string | string[] | undefined {
    const [, ...values] = this.#fields?.get(name.toLowerCase()) ?? []
    return values.length > 1 ? values : values[0]
  }

  getHeaderNames(): string[] {
    return [...(this.#fields?.keys() ?? [])]
  }

  removeHeader(name: string): void {
    this.#fields?.delete(name.toLowerCase())
  }

  writeContinue(): void {
    this.#write('HTTP/1.1 100 Continue\r\n\r\n')
  }

  writeHead(status: number, reason: string, headers: readonly string[]): void {
    const fields = this.#fields === undefined ? headers : withFields(this.#fields, headers)
    const head = http1Head(this.req, { status, reason, fields }, this.shouldKeepAlive)
    this.headersSent = true
    this.statusCode = status
    this.shouldKeepAlive = head.keepsAlive
    this.#isChunked = head.isChunked
    this.#hasBody = head.hasBody
    this.#head = head.text
  }

  /** @param done called when the client's connection has taken it; with an error when it never will */
  write(part: Buffer, done?: Written): boolean {
    if (this.destroyed || this.#isEnded) {
      done?.(new Error('the response is over'))
      return false
    }
    this.#needHead()
    if (!this.#hasBody || part.length === 0) {
      done?.()
      return true
    }
    if (this.#stage === GOING) this.#way.collect()
    const before = this.#isChunked ? `${this.#head}${part.length.toString(16)}\r\n` : this.#head
    this.#head = ''
    if (before !== '') this.#write(before)
    const wantsMore = this.#write(part, done)
    if (this.#isChunked) this.#write('\r\n')
    return wantsMore
  }

  /** @param text the last part, latin-1 */
  end(text = ''): this {
    if (this.destroyed || this.#isEnded) return this
    this.#needHead()
    const body = this.#hasBody ? text : ''
    const last = this.#isChunked ? `${body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n` : body
    const rest = this.#head + last
    this.#head = ''
    return this.#finish(rest)
  }

  /** Ends it with all there is of it, head and body, as latin-1 text. `shouldKeepAlive` must be what the head says. */
  endWhole(text: string): void {
    this.headersSent = true
    this.#finish(text)
  }

  /** Before its end it cuts the connection, when it is its turn, so that the client sees that it is not complete. */
  destroy(): this {
    this.destroyed = true
    if (this.#stage === GOING || this.#stage === WRITTEN) this.#way.socket.destroy()
    return this
  }

  // -- what its connection says ----------------------------------------------------------------------------------------

  /** For those before it. */
  get isWaiting(): boolean {
    return this.#stage === WAITING
  }

  /** Those before it are written. */
  takeTurn(): void {
    this.#stage = GOING
    if (this.destroyed) return void this.#way.socket.destroy()
    const parts = this.#parts ?? []
    this.#parts = undefined
    this.#partBytes = 0
    if (parts.length > 0) this.#way.collect()
    for (const { bytes, done } of parts) this.#write(bytes, done)
    if (this.#isEnded) this.#wentOut()
    else if (this.#needsDrain && !this.#way.socket.writableNeedDrain) this.drained()
  }

  /** The client has taken what waited. */
  drained(): void {
    // Without a body it has written nothing itself, but may have found much waiting of those before it.
    if (!this.#needsDrain && this.listenerCount('drain') === 0) return
    this.#needsDrain = false
    this.emit('drain')
  }

  /** Its connection is closed. */
  lost(): void {
    if (this.#stage === OVER) return
    this.#stage = OVER
    this.destroyed = true
    this.emit('close')
  }

  // -- inside -----------------------------------------------------------------------------------------------------------

  #needHead(): void {
    if (!this.headersSent) this.writeHead(this.statusCode, STATUS_CODES[this.statusCode] ?? '', [])
  }

  /** @returns false when no more should be written before 'drain' */
  #write(bytes: string | Uint8Array, done?: Written): boolean {
    if (this.#stage === WAITING) {
      this.#parts ??= []
      this.#parts.push({ bytes, done })
      this.#partBytes += bytes.length
      this.#needsDrain = true
    } else {
      const { socket } = this.#way
      const wantsMore = typeof bytes === 'string' ? socket.write(bytes, 'latin1', done) : socket.write(bytes, done)
      if (!wantsMore) this.#needsDrain = true
    }
    return !this.#needsDrain
  }

  #finish(rest: string): this {
    this.#isEnded = true
    if (rest !== '') this.#write(rest)
    if (this.#stage === GOING) this.#wentOut()
    return this
  }

  #wentOut(): void {
    const { socket } = this.#way
    this.#stage = WRITTEN
    this.#way.release()
    // A write(2) that took everything is over at once. Else the client has to take what waits, and this comes behind it.
    if (socket.writableLength === 0) this.#over(true)
    else socket.write(NOTHING, (error) => this.#over(!error))
    this.#way.wentOut(this)
  }

  #over(isComplete: boolean): void {
    if (this.#stage === OVER) return
    this.#stage = OVER
    this.writableFinished = isComplete
    // Whoever has ended it goes on first.
    if (this.listenerCount('finish') > 0 || this.listenerCount('close') > 0) process.nextTick(() => this.#tellOver())
  }

  #tellOver(): void {
    if (this.writableFinished) this.emit('finish')
    this.emit('close')
  }
}

/** @param headers name and value in turn; what they name replaces what was set */
function withFields(fields: ReadonlyMap<string, readonly string[]>, headers: readonly string[]): string[] {
  const named = new Set(headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()))
  const others = [...fields].filter(([lower]) => !named.has(lower))
  return [...others.flatMap(([, [name = '', ...values]]) => values.flatMap((value) => [name, value])), ...headers]
}
