// A request of HTTP/1 as the rest of the router knows it. Its body is told as it comes and kept nowhere, but for what was read already when
// nobody wanted it: then its connection is not read either.
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { ClientRequest } from './client-message.ts'
import type { ParsedHead } from './http-parser.ts'

/** The connection that it comes by. */
type Source = {
  readonly socket: Socket
  /** What its parser is at, while that tells of something. */
  readonly bytes: Buffer | undefined
  readonly isReading: boolean
  /** Looks anew whether it is to be read. */
  followBody(): void
}

const NONE: string[] = []

export class Http1Request implements ClientRequest {
  readonly method: string
  readonly url: string
  readonly httpVersion: string
  readonly httpVersionMinor: number
  readonly rawHeaders: string[]
  rawTrailers = NONE
  complete = false
  readonly #source: Source
  #onData: ((part: Buffer) => void) | undefined = undefined
  #onEnd: (() => void) | undefined = undefined
  #isFlowing = false
  #isPaused = false
  #isEndTold = false
  /** Has come and is not wanted yet. */
  #waiting: Buffer[] | undefined = undefined
  #headers: IncomingHttpHeaders | undefined = undefined

  constructor(source: Source, { method, target, major, minor, fields }: ParsedHead) {
    this.#source = source
    this.method = method
    this.url = target
    this.httpVersion = major === 1 && minor === 1 ? '1.1' : `${major}.${minor}`
    this.httpVersionMinor = minor
    this.rawHeaders = fields
  }

  get socket(): Socket {
    return this.#source.socket
  }

  get bytes(): Buffer | undefined {
    return this.#source.bytes
  }

  /** By lower-case name; repeated ones joined, as RFC 9110 §5.2 has it. */
  get headers(): IncomingHttpHeaders {
    this.#headers ??= joined(this.rawHeaders)
    return this.#headers
  }

  /** One listener of each kind at a time. With one for parts they flow, unless it was paused before. */
  on(event: 'data', listener: (part: Buffer) => void): this
  on(event: 'end', listener: () => void): this
  on(event: 'data' | 'end', listener: ((part: Buffer) => void) & (() => void)): this {
    if (event === 'end') this.#onEnd = listener
    else {
      this.#onData = listener
      if (!this.#isPaused) this.resume()
    }
    return this
  }

  off(event: 'data', listener: (part: Buffer) => void): this
  off(event: 'end', listener: () => void): this
  off(event: 'data' | 'end', listener: ((part: Buffer) => void) & (() => void)): this {
    if (event === 'end' && this.#onEnd === listener) this.#onEnd = undefined
    if (event === 'data' && this.#onData === listener) this.#onData = undefined
    return this
  }

  /** Nothing of it is read, whoever has to be waited for. */
  isPaused(): boolean {
    return this.#isPaused || !this.#source.isReading
  }

  pause(): void {
    this.#isPaused = true
    this.#isFlowing = false
    this.#source.followBody()
  }

  /** Without a listener what comes is dropped. What has come already is told in the next tick, so that both listeners can be there. */
  resume(): void {
    this.#isPaused = false
    if (this.#isFlowing) return
    this.#isFlowing = true
    if (this.#waiting !== undefined || this.complete) process.nextTick(() => this.#tellWaiting())
    else this.#source.followBody()
  }

  /** Nothing more of it is wanted. */
  drop(): void {
    this.#onData = undefined
    this.#onEnd = undefined
    this.#waiting = undefined
    this.resume()
  }

  /** Its connection is not to be read: what has come of it is not wanted yet. */
  get isHeld(): boolean {
    return this.#isPaused || this.#waiting !== undefined
  }

  /** A part of the body has come. */
  take(part: Buffer): void {
    if (this.#isFlowing && this.#waiting === undefined) {
      this.#onData?.(part)
      return
    }
    if (this.#waiting === undefined) this.#waiting = [part]
    else this.#waiting.push(part)
    this.#source.followBody()
  }

  /** All of it has come. */
  end(trailers: string[]): void {
    this.complete = true
    if (trailers.length > 0) this.rawTrailers = trailers
    if (this.#isFlowing && this.#waiting === undefined) this.#tellEnd()
  }

  #tellWaiting(): void {
    while (this.#isFlowing && this.#waiting !== undefined) {
      const part = this.#waiting.shift()
      if (this.#waiting.length === 0) this.#waiting = undefined
      if (part !== undefined) this.#onData?.(part)
    }
    if (!this.#isFlowing) return
    this.#source.followBody()
    if (this.complete) this.#tellEnd()
  }

  #tellEnd(): void {
    if (this.#isEndTold) return
    this.#isEndTold = true
    this.#onEnd?.()
  }
}

function joined(fields: readonly string[]): IncomingHttpHeaders {
  const headers: Record<string, string> = {}
  for (let index = 0; index < fields.length; index += 2) {
    const name = (fields[index] ?? '').toLowerCase()
    const value = fields[index + 1] ?? ''
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (name !== '__proto__') headers[name] = before === undefined ? value : `${before}, ${value}`
  }
  return headers
}
