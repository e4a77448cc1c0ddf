// What becomes of a client whose bytes are no HTTP, or do not come: one answer, after those that are still due, and the end of the
// connection. Parses nothing itself; node:http names the cause.
import type { ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import { incompleteOn, takeNoMore, takesNoMore, type ClientSocket } from './client-connections.ts'
import { rawErrorResponse } from './error-page.ts'
import { peerOf } from './peer.ts'
import { causeOfStatus, endWithoutGroup, type RequestEnds } from './request-end.ts'

/** What parser and socket report (net.Socket's errors have no reason). */
export type ClientError = NodeJS.ErrnoException & { reason?: string; rawPacket?: Buffer; bytesParsed?: number }

type Refusal = Readonly<{ status: number; why: string }>

type Context = Readonly<{
  requestIds: () => string
  readonly ends: RequestEnds
  log(requestId: string, text: string): void
}>

/** The listener of 'clientError'. It may come several times for a connection: the parser fails again on all that follows. */
export function answerClientError(context: Context, error: ClientError, socket: ClientSocket): void {
  if (takesNoMore(socket)) return
  const refusal = refusalFor(error, socket)
  if (refusal === undefined || !socket.writable) return void socket.destroy()
  // Bytes after the last request get no answer.
  if (error.code === 'HPE_CLOSED_CONNECTION') takeNoMore(socket)
  else refuseClient(context, socket, refusal)
}

/** Answers what the client is about to send, after the responses that are still due, and ends the connection. */
export function refuseClient(context: Context, socket: ClientSocket, refusal: Refusal): void {
  if (takesNoMore(socket)) return
  takeNoMore(socket)
  if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') return endHttp2(context, socket, refusal)
  const incomplete = incompleteOn(socket)
  if (incomplete?.refuse !== undefined) return incomplete.refuse(refusal.status, refusal.why)
  afterPendingResponses(socket, () => {
    // A request that was answered while its body still came gets no second answer.
    if (incomplete === undefined) refuseConnection(context, socket, refusal)
    else socket.destroySoon()
  })
}

/** An answer of HTTP/1 would not be understood there. */
function endHttp2(context: Context, socket: ClientSocket, { why }: Refusal): void {
  context.log(context.requestIds(), `connection of ${peerOf(socket).address || 'a local client'} ended: ${why}`)
  socket.destroy()
}

/** Answers on a connection without a request that could be answered, and ends it. */
function refuseConnection(context: Context, socket: ClientSocket, { status, why }: Refusal): void {
  if (!socket.writable) return
  const requestId = context.requestIds()
  context.log(requestId, `answered ${status} to ${peerOf(socket).address || 'a local client'}: ${why}`)
  takeNoMore(socket)
  const { text, bytes } = rawErrorResponse(status, requestId)
  context.ends.tell?.(endWithoutGroup(socket, { requestId, status, bytes, cause: causeOfStatus(status) }))
  socket.write(text, 'latin1')
  socket.destroySoon()
}

type RespondingSocket = ClientSocket & { _httpMessage?: ServerResponse | null }

/**
 * Calls when every response that node:http still has for this connection is written. (Its queue hangs on the socket: `_httpMessage` is
 * the response whose turn it is; at its end the next one has taken its place.)
 */
function afterPendingResponses(socket: RespondingSocket, then: () => void): void {
  const current = socket._httpMessage
  if (current) current.once('finish', () => afterPendingResponses(socket, then))
  else then()
}

/** Undefined for what needs no answer: the client is gone, or never said a word. */
function refusalFor(error: ClientError, socket: ClientSocket): Refusal | undefined {
  const code = error.code ?? ''
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return socket.bytesRead === 0 ? undefined : { status: 408, why: 'the header did not come within header-timeout' }
  if (code === 'HPE_HEADER_OVERFLOW') return overflow(error)
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { status: 413, why: 'the chunk extensions are too long' }
  if (code === 'HPE_INVALID_EOF_STATE') return { status: 400, why: 'the client ended in the middle of a request' }
  return code.startsWith('HPE_')
    ? { status: 400, why: `malformed request: ${error.reason ?? error.message}` }
    : undefined
}

/**
 * The parser counts request line and header together and does not say where it stopped; the bytes at hand do, when they begin with the
 * request. In a later part of a long request they tell nothing, and 431 is never wrong (RFC 6585 §5).
 */
function overflow({ rawPacket, bytesParsed }: ClientError): Refusal {
  const parsed = rawPacket?.toString('latin1', 0, bytesParsed) ?? ''
  const isTarget = /^(?:\r?\n)*[A-Z-]+ [^ \n]*$/.test(parsed)
  return isTarget
    ? { status: 414, why: 'the request line is longer than limit-request-line' }
    : { status: 431, why: 'the header is larger than limit-request-header' }
}
