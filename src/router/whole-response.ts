// A small response whose body is at hand leaves as one string in one write(2). The hot end of the request path.
import type { ClientResponse } from './client-message.ts'
import type { ResponseHead } from './response-head.ts'

/**
 * Node's response with the header block it is about to send (OutgoingMessage#_header: a string once it is made, else null), and whether
 * it ends its connection when it has been sent (OutgoingMessage#_last).
 */
type ResponseWithHeader = ClientResponse & { _header?: unknown; _last?: unknown }

/**
 * Ends a response with its whole body.
 *
 * writeHead() and end(text) would send header and body as two chunks by writev, after making the header anew from checked parts: together
 * a third of the router's time for a small response. end() without a body sends the header block as it is, so the block that was
 * made when the head was parsed is put there, the body behind it. Whatever is special (keep-alive of HTTP/1.0, HEAD, no body
 * allowed) or a Node that keeps its header elsewhere takes the usual way.
 *
 * @param body latin-1 text, already cut to Content-Length
 */
export function endWhole(response: ResponseWithHeader, head: ResponseHead, body: string): void {
  if (response._header !== null || response._last !== false || !isPlain(response, head)) {
    const { status, reason, headers, contentLength } = head
    // Without a body to come there is no length to tell: the application's, if it gave one, is that of a GET.
    const fields = hasBody(response, head) ? withLength(headers, contentLength, body.length) : [...headers]
    response.writeHead(status, reason, fields)
    response.end(body, 'latin1')
    return
  }
  const length = head.contentLength < 0 ? `Content-Length: ${body.length}\r\n` : ''
  const date = head.hasDate ? '' : dateField()
  response._last = !response.shouldKeepAlive
  const close = response.shouldKeepAlive ? '' : 'Connection: close\r\n'
  response._header = `${head.block}${length}${date}${head.hasHsts ? '' : hstsField(response)}${close}\r\n${body}`
  response.end()
}

/** Headers with the length of the body, where the application gave none. */
export function withLength(headers: readonly string[], contentLength: number, length: number): string[] {
  return contentLength < 0 ? [...headers, 'Content-Length', String(length)] : [...headers]
}

function isPlain(response: ClientResponse, head: ResponseHead): boolean {
  return (response.req.httpVersionMinor === 1 || !response.shouldKeepAlive) && hasBody(response, head)
}

function hasBody({ req }: ClientResponse, { status }: ResponseHead): boolean {
  return req.method !== 'HEAD' && status !== 204 && status !== 304
}

/** Set on the responses of a listener with `hsts`; the application's own goes before it. */
export const HSTS = 'Strict-Transport-Security'

function hstsField(response: ClientResponse): string {
  const value = response.getHeader(HSTS)
  return typeof value === 'string' ? `${HSTS}: ${value}\r\n` : ''
}

let dateSecond = 0
let dateText = ''

/** The Date field (RFC 9110 §6.6.1), made once a second. */
function dateField(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = `Date: ${new Date(second * 1000).toUTCString()}\r\n`
  }
  return dateText
}
