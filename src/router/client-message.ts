// What the router asks of a request and of its response, whichever HTTP brought them: http1-connection.ts makes them of a connection,
// http2-message.ts of streams.
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'

/** Node's inner side of a connection, by which its own socket.setTimeout() sees progress too; under TLS `_parent` is that of the TCP connection. */
type Handle = { readonly writeQueueSize?: number; readonly _parent?: Handle }

/** Where a response is waiting for its client: a connection, or a stream of one. */
export type Taker = {
  /** A stream of a connection has none. */
  readonly _handle?: Handle | null
  readonly writableLength: number
  /** What was written in all, that which waits included. */
  readonly bytesWritten: number
  readonly destroyed: boolean
  destroy(): unknown
}

export type ClientRequest = {
  readonly method?: string | undefined
  /** Target of the request. */
  readonly url?: string | undefined
  readonly httpVersion: string
  readonly httpVersionMinor: number
  /** Name and value in turn. */
  readonly rawHeaders: string[]
  readonly rawTrailers: string[]
  readonly headers: IncomingHttpHeaders
  readonly socket: Socket
  /** All of it has come. */
  readonly complete: boolean
  /** One of many at a time on its connection, which its end does not concern: HTTP/2. */
  readonly isMultiplexed?: true
  on(event: 'data', listener: (chunk: Buffer) => void): ClientRequest
  on(event: 'end', listener: () => void): ClientRequest
  off(event: 'data', listener: (chunk: Buffer) => void): ClientRequest
  off(event: 'end', listener: () => void): ClientRequest
  isPaused(): boolean
  /** What its parser is at; missing when it tells of nothing, and in HTTP/2. */
  readonly bytes?: Buffer | undefined
  pause(): unknown
  resume(): unknown
}

/** Called when what was written is the client's affair, or with an error when it never will be. */
export type Written = (error?: Error | null) => void

type ResponseEvent = 'drain' | 'finish' | 'close'

export type ClientResponse = {
  readonly req: ClientRequest
  readonly headersSent: boolean
  /** False: nothing more of this request's body, or after it on its connection, is wanted. */
  shouldKeepAlive: boolean
  /** Of one among many on a connection: milliseconds that its client may take nothing of what waits; 0 = for ever. */
  patience?: number
  /** Of a response whose head was not written by writeHead. */
  statusCode: number
  /** For fields that the server adds unless writeHead names them. */
  setHeader(name: string, value: string | number | readonly string[]): unknown
  appendHeader(name: string, value: string): unknown
  getHeader(name: string): number | string | string[] | undefined
  removeHeader(name: string): unknown
  writeContinue(): void
  /** Bytes that wait for the client, or for the responses before it. */
  readonly writableLength: number
  /** The kernel has all of it. */
  readonly writableFinished: boolean
  readonly destroyed: boolean
  once(event: ResponseEvent, listener: () => void): unknown
  write(part: Buffer, done?: Written): boolean
  end(): unknown
  /** @param text the last part */
  end(text: string, encoding: 'latin1'): unknown
  /** Head and body at once, as latin-1 text; missing where a head is no text: HTTP/2. */
  endWhole?(text: string): void
  /** Before its end it cuts it, so that the client sees that it is not complete. */
  destroy(): unknown
  /** @param headers name and value in turn */
  writeHead(status: number, reason: string, headers: string[]): unknown
}
