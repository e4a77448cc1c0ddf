// What becomes of a client whose bytes are no HTTP, or do not come: one answer, after those that are still due, and the end of the
// connection. Parses nothing itself; the parser names the cause.
import { TLSSocket } from 'node:tls'
import {
  closeGently,
  incompleteOn,
  takeNoMore,
  takesNoMore,
  whenAnswered,
  type ClientSocket,
} from './client-connections.ts'
import { rawErrorResponse } from './error-page.ts'
import type { ClientError } from './http-parser.ts'
import { peerOf } from './peer.ts'
import { causeOfStatus, endWithoutGroup, type RequestEnds } from './request-end.ts'

type Refusal = Readonly<{ status: number; why: string }>

type Context = Readonly<{
  requestIds: () => string
  readonly ends: RequestEnds
  log(requestId: string, text: string): void
}>

/** What the client sends is no HTTP, or its connection has failed. */
export function answerClientError(context: Context, error: ClientError, socket: ClientSocket): void {
  if (takesNoMore(socket)) return
  const refusal = refusalFor(error)
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
  whenAnswered(socket, () => {
    // A request that was answered while its body still came gets no second answer.
    if (incomplete === undefined) refuseConnection(context, socket, refusal)
    else closeGently(socket)
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
  closeGently(socket)
}

/** Undefined for what needs no answer: the client is gone. */
function refusalFor(error: ClientError): Refusal | undefined {
  const code = error.code ?? ''
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
