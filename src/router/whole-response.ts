// A small response whose body is at hand leaves as one string in one write(2). The hot end of the request path.
import type { ClientResponse } from './client-message.ts'
import { dateField } from './date-field.ts'
import { connectionField } from './http1-head.ts'
import type { ResponseHead } from './response-head.ts'

/**
 * Ends a response with its whole body: the block that was made when the head was parsed, the body behind it. Whatever is special
 * (HTTP/2, HEAD, no body allowed) takes the usual way.
 *
 * @param body latin-1 text, already cut to Content-Length
 */
export function endWhole(response: ClientResponse, head: ResponseHead, body: string): void {
  if (response.endWhole === undefined || !hasBody(response, head)) {
    const { status, reason, headers, contentLength } = head
    // Without a body to come there is no length to tell: the application's, if it gave one, is that of a GET.
    const fields = hasBody(response, head) ? withLength(headers, contentLength, body.length) : [...headers]
    response.writeHead(status, reason, fields)
    response.end(body, 'latin1')
    return
  }
  const length = head.contentLength < 0 ? `Content-Length: ${body.length}\r\n` : ''
  const date = head.hasDate ? '' : dateField()
  const hsts = head.hasHsts ? '' : hstsField(response)
  const connection = connectionField(response.req.httpVersionMinor, response.shouldKeepAlive)
  response.endWhole(`${head.block}${length}${date}${hsts}${connection}\r\n${body}`)
}

/** Headers with the length of the body, where the application gave none. */
export function withLength(headers: readonly string[], contentLength: number, length: number): string[] {
  return contentLength < 0 ? [...headers, 'Content-Length', String(length)] : [...headers]
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
