// Clients of TLS: one request over HTTP/1.1, and a session with many requests over HTTP/2. Trusts only what it is given.
import { once } from 'node:events'
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type Settings,
} from 'node:http2'
import { Agent, request as httpsRequest } from 'node:https'
import { buffer, text } from 'node:stream/consumers'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { atEnd } from './test.ts'

export type SecureAnswer = Readonly<{
  status: number
  headers: Readonly<Record<string, string | readonly string[] | undefined>>
  text: string
}>

type SecureOptions = Readonly<{ ca: string; servername?: string; headers?: Record<string, string>; agent?: Agent }>

/** One request over HTTP/1.1. @param options.ca PEM text that the server's certificate must come from */
export async function requestHttps(url: string, options: SecureOptions): Promise<SecureAnswer> {
  const outgoing = httpsRequest(url, { servername: 'a.example.org', agent: false, ...options })
  const answered = once(outgoing, 'response')
  outgoing.end()
  const [response] = (await answered) as [import('node:http').IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) }
}

/** A TLS connection after its handshake. @throws what the server's alert says */
export async function handshake(url: string, options: object): Promise<TLSSocket> {
  const { hostname, port } = new URL(url)
  const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false, ...options })
  atEnd(() => {
    socket.destroy()
    return Promise.resolve()
  })
  await once(socket, 'secureConnect')
  return socket
}

/** A session over HTTP/2. @param settings that the client sends */
export async function openHttp2(url: string, ca: string, settings: Settings = {}): Promise<ClientHttp2Session> {
  const session = connect(url, { ca, servername: 'a.example.org', maxSessionMemory: 100, settings })
  atEnd(() => {
    session.destroy()
    return Promise.resolve()
  })
  await once(session, 'connect')
  session.on('error', () => undefined)
  return session
}

export type Http2Request = Readonly<{ path: string; method?: string; headers?: object; body?: string | Buffer }>

/** Sends a request without waiting for anything; the answer's body is the stream. */
export function sendHttp2(session: ClientHttp2Session, asked: Http2Request): ClientHttp2Stream {
  const { path, body, method = body === undefined ? 'GET' : 'POST', headers = {} } = asked
  const stream = session.request({ ':path': path, ':method': method, ...headers }, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  return stream
}

/** Waits for the head of the answer. */
export async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }]
  return headers[':status'] ?? 0
}

/** By their numbers: RFC 9113, section 7. */
const codes = [
  ...['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT', 'STREAM_CLOSED'],
  ...['FRAME_SIZE_ERROR', 'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR', 'CONNECT_ERROR', 'ENHANCE_YOUR_CALM'],
  ...['INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'],
]

/** One request of a session. @throws when the stream is reset */
export function requestHttp2(session: ClientHttp2Session, asked: Http2Request): Promise<SecureAnswer> {
  return answerOf(sendHttp2(session, asked))
}

/**
 * The whole answer that comes on a stream, which may end before the request does (RFC 9113 §8.1).
 *
 * @throws when the stream is reset
 */
export async function answerOf(stream: ClientHttp2Stream): Promise<SecureAnswer> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }]
  const body = await buffer(stream)
  // The end of what came is not the end of the answer: a stream that was reset says so only when it closes.
  if (!stream.closed) await once(stream, 'close')
  if (stream.rstCode !== 0) throw new Error(`the stream was reset: ${codes[stream.rstCode]}`)
  return { status: headers[':status'] ?? 0, headers, text: body.toString('latin1') }
}
