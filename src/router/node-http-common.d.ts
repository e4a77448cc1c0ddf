// What Node's own HTTP server is made of, as far as http-parser.ts uses it (docs/decisions/0023). Node has no types for it.
declare module 'node:_http_common' {
  /** llhttp, bound to JavaScript: what it finds is told to the functions under the numbers of `kOn…`. */
  export class HTTPParser {
    static readonly REQUEST: number
    static readonly kLenientNone: number
    static readonly kOnMessageBegin: number
    static readonly kOnHeaders: number
    static readonly kOnHeadersComplete: number
    static readonly kOnBody: number
    static readonly kOnMessageComplete: number
    static readonly kOnExecute: number;
    [callback: number]: unknown
    initialize(type: number, resource: object, maxHeaderSize: number, lenientFlags: number): void
    /** @returns how many bytes were parsed, or an Error */
    execute(bytes: Buffer): number | Error
    /** There is nothing more to come. */
    finish(): Error | undefined
    /** From now on it reads from the connection itself. */
    consume(handle: object): void
    unconsume(): void
    getCurrentBuffer(): Buffer
    remove(): void
    free(): void
    close(): void
  }
}
