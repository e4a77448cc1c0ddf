// The HTTP front: one node:http server a listener. A request's way from the parser to its group's dispatcher is one function, accept().
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, Socket } from 'node:net'
import { LARGEST_WHOLE_BODY } from '../protocol/frames.ts'
import { ClientConnections } from './client-connections.ts'
import type { Dispatcher } from './dispatcher.ts'
import { answerWithError, rawErrorResponse } from './error-page.ts'
import { Exchange } from './exchange.ts'
import { causeOfStatus, endWithoutGroup, type RequestEnds } from './request-end.ts'
import { queueStart, readHeaders, requestHead, splitHost, type RequestFacts } from './request-head.ts'
import { parseTarget } from './request-target.ts'
import type { RouteTable } from './routes.ts'
import { Upload } from './upload.ts'

/** What a route leads to: the application's number in its group. */
export type Destination = Readonly<{ dispatcher: Dispatcher; application: number }>

/** Everything the front asks for; `routes` is replaced as a whole by a reload. */
export type FrontContext = {
  routes: RouteTable<Destination>
  readonly requestIds: () => string
  readonly ends: RequestEnds
  log(requestId: string, text: string): void
}

/** Longest request header block; node:http answers more with an error that becomes 431. */
const LARGEST_HEADER = 65_536
const HEADERS_TIMEOUT_MS = 30_000
const KEEP_ALIVE_TIMEOUT_MS = 60_000
/** Idle connections are looked for this often. */
const IDLE_LOOK_MS = 5_000

/** A server that is not listening yet, and its connections. */
export type Front = {
  readonly server: Server
  readonly connections: ClientConnections
  /** Not listened on any more: each response ends its connection. */
  leaving: boolean
}

/** Makes the front of one listener. It ends connections that are idle for a minute by itself. */
export function createFront(context: FrontContext): Front {
  const server = createServer({ maxHeaderSize: LARGEST_HEADER, keepAliveTimeout: 0 }, (request, response) => {
    if (front.leaving) response.shouldKeepAlive = false
    accept(context, request, response)
  })
  server.headersTimeout = HEADERS_TIMEOUT_MS
  const connections = new ClientConnections(server)
  const front: Front = { server, connections, leaving: false }
  // keepAliveTimeout of node:http would arm and disarm a timer for every request; a look every few seconds does as well.
  const watch = setInterval(() => {
    const since = performance.now() - KEEP_ALIVE_TIMEOUT_MS
    connections.endIdleSince(since, since)
  }, IDLE_LOOK_MS)
  server.on('close', () => clearInterval(watch))
  watch.unref()
  // Bodies may take as long as they need: a large upload over a slow line is legitimate.
  server.requestTimeout = 0
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    const status = CLIENT_ERROR_STATUS[error.code ?? ''] ?? 400
    const answer = rawErrorResponse(status)
    socket.end(answer.text, 'latin1')
    if (!(socket instanceof Socket)) return
    const cause = causeOfStatus(status)
    context.ends.tell?.(endWithoutGroup(socket, { requestId: '', status, bytes: answer.bytes, cause }))
  })
  return front
}

/**
 * Takes no more connections and leaves the open ones alone. close() of node:http also cuts those whose last response is complete
 * but not yet taken by the client; net's does not.
 */
export function stopListening(front: Front): void {
  front.leaving = true
  NetServer.prototype.close.call(front.server)
}

const CLIENT_ERROR_STATUS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** One request: target, route, head, body, dispatcher. */
function accept(context: FrontContext, request: IncomingMessage, response: ServerResponse): void {
  const requestId = context.requestIds()
  const target = parseTarget(request.url ?? '')
  if ('refused' in target) return refuse(context, response, { status: target.refused, requestId, why: target.why })
  const facts = readHeaders(request.rawHeaders)
  if (facts.ambiguous !== '') {
    response.shouldKeepAlive = false
    return refuse(context, response, { status: 400, requestId, why: facts.ambiguous })
  }
  const match = context.routes.find(hostName(facts.host), target.path)
  if (match === undefined) {
    return refuse(context, response, {
      status: 404,
      requestId,
      why: `nothing is mounted at ${facts.host}${target.path}`,
      host: facts.host,
    })
  }
  const { dispatcher, application } = match.target
  const exchange = new Exchange(request, response, dispatcher, requestId)
  exchange.host = facts.host
  dispatcher.exchangeBegan()
  const limit = dispatcher.settings.limitRequestBody
  if (limit > 0 && facts.contentLength > limit) return refuseLargeBody(exchange, limit)
  exchange.head = requestHead(
    request,
    {
      application,
      requestId,
      scriptName: target.path.slice(0, match.split),
      pathInfo: target.path.slice(match.split),
      query: target.query,
    },
    facts,
  )
  if (!facts.chunked && facts.contentLength <= 0) dispatcher.submit(exchange)
  else receiveBody(exchange, dispatcher, facts)
}

/** Small bodies are collected before they occupy a worker; larger ones, known or found to be, are streamed. */
function receiveBody(exchange: Exchange, dispatcher: Dispatcher, facts: RequestFacts): void {
  const { request } = exchange
  const limit = dispatcher.settings.limitRequestBody
  const stream = (first: Buffer[]): void => {
    exchange.head += queueStart()
    exchange.upload = new Upload(request, { first, limit, tooLarge: () => refuseLargeBody(exchange, limit) })
    dispatcher.submit(exchange)
  }
  if (facts.contentLength > LARGEST_WHOLE_BODY) return stream([])
  const parts: Buffer[] = []
  let length = 0
  const take = (chunk: Buffer): void => {
    parts.push(chunk)
    length += chunk.length
    if (length <= LARGEST_WHOLE_BODY) return
    request.off('data', take).off('end', complete)
    stream(parts)
  }
  const complete = (): void => {
    if (exchange.done) return
    if (limit > 0 && length > limit) return refuseLargeBody(exchange, limit)
    exchange.head += queueStart()
    exchange.body = (parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)).toString('latin1')
    dispatcher.submit(exchange)
  }
  request.on('data', take).on('end', complete)
}

function refuseLargeBody(exchange: Exchange, limit: number): void {
  // The rest of the body is not wanted: the connection ends with the answer.
  exchange.response.shouldKeepAlive = false
  exchange.refuse(413, `the body is larger than limit-request-body (${limit} bytes)`)
}

type Refusal = Readonly<{ status: number; requestId: string; why: string; host?: string }>

/** A request that belongs to no group. */
function refuse(context: FrontContext, response: ServerResponse, refusal: Refusal): void {
  context.log(refusal.requestId, `answered ${refusal.status}: ${refusal.why}`)
  const bytes = answerWithError(response, refusal.status, refusal.requestId)
  const { req: request } = response
  context.ends.tell?.(
    endWithoutGroup(request.socket, {
      ...{ requestId: refusal.requestId, status: refusal.status, bytes, host: refusal.host ?? '' },
      ...{ method: request.method ?? '', target: request.url ?? '', protocol: `HTTP/${request.httpVersion}` },
      rawHeaders: request.rawHeaders,
    }),
  )
}

let lastHost = ''
let lastHostName = ''

/** Lower-case name without port; the last answer is kept, consecutive requests mostly name the same host. */
function hostName(host: string): string {
  if (host !== lastHost) {
    lastHost = host
    lastHostName = splitHost(host).name.toLowerCase()
  }
  return lastHostName
}
