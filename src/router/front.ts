// The HTTP front: one node:http server a listener. A request's way from the parser to its group's dispatcher is one function, accept().
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { LARGEST_WHOLE_BODY } from '../protocol/frames.ts'
import type { CertificatePlan, ClientLimits } from '../plan/plan.ts'
import type { ListenerSettings } from '../protocol/supervision.ts'
import { bodyBegins, bodyWaits, ClientConnections, multiplex, takeNoMore, takesNoMore } from './client-connections.ts'
import { answerClientError, refuseClient } from './client-errors.ts'
import { limitServer, overLimit } from './client-limits.ts'
import { aliasRedirection } from './alias-redirection.ts'
import { chosenPlace, type Destination, type Place } from './destination.ts'
import type { ClientRequest, ClientResponse } from './client-message.ts'
import type { Dispatcher } from './dispatcher.ts'
import { answerWithError } from './error-page.ts'
import { Http2Connection } from './http2-connection.ts'
import { answerWithRedirect, httpsLocation } from './https-redirect.ts'
import { Exchange } from './exchange.ts'
import type { Captures } from './match-list.ts'
import { endWithoutGroup, type RequestEnds } from './request-end.ts'
import { createProxyListener } from './proxy-listener.ts'
import {
  isHost,
  overrideHost,
  queueStart,
  readHeaders,
  requestHead,
  splitHost,
  withLogin,
  type RequestFacts,
} from './request-head.ts'
import { HSTS } from './whole-response.ts'
import { createSecureServer } from './secure-server.ts'
import { parseTarget } from './request-target.ts'
import type { Match, RouteTable } from './routes.ts'
import { forbiddenTrailer } from './trailers.ts'
import type { TrustedProxies } from './trusted-proxies.ts'
import { tooLarge, Upload } from './upload.ts'

/** Everything the front asks for; `routes` is replaced as a whole by a reload. */
export type FrontContext = {
  routes: RouteTable<Destination>
  readonly requestIds: () => string
  readonly ends: RequestEnds
  /** null: none. */
  proxies: TrustedProxies | null
  /** Replaced as a whole too; then limitServer() is to be called. */
  limits: ClientLimits
  log(requestId: string, text: string): void
}

/** Connections that are idle, or whose client does not come to an end, are looked for this often. */
const LOOK_MS = 1_000

/** A server that is not listening yet, and its connections. */
export type Front = {
  readonly server: Server
  /** What accepts: the server, or a step before it. */
  readonly listening: NetServer
  readonly connections: ClientConnections
  /** Not listened on any more: each response ends its connection. */
  leaving: boolean
  settings: ListenerSettings
  readonly renew: (certificates: readonly CertificatePlan[]) => void
}

/** Makes the front of one listener. It ends idle connections by itself. */
export function createFront(context: FrontContext, settings: ListenerSettings): Front {
  // What node:http would refuse by itself has neither page nor log line: a missing Host is found in accept().
  const options = { keepAliveTimeout: 0, requireHostHeader: false, connectionsCheckingInterval: LOOK_MS }
  const arrived = (request: IncomingMessage, response: ServerResponse): void => {
    if (isUnwanted(request)) return
    receive(front, context, { request, response })
  }
  const secure = settings.certificates.length > 0
  const made = secure
    ? createSecureServer(settings.certificates, options, arrived)
    : { server: createServer(options, arrived), renew: () => undefined, offerHttp2: () => undefined }
  const server: FrontServer = made.server
  limitServer(server, context.limits)
  // Too many are refused, not cut off as node:http does.
  server.maxHeadersCount = 0
  // A client that has ended its side after the request still gets the answer.
  server.httpAllowHalfOpen = true
  const connections = new ClientConnections(server, secure ? 'secureConnection' : 'connection', {
    limits: () => context.limits,
    refuse: (socket, status, why) => refuseClient(context, socket, { status, why }),
  })
  const listening: NetServer =
    settings.proxyProtocol === 'off'
      ? server
      : createProxyListener(server, {
          mode: () => front.settings.proxyProtocol,
          trusts: (address) => context.proxies?.networks.has(address) ?? true,
          log: (text) => context.log('', text),
        })
  const front: Front = { server, listening, connections, settings, leaving: false, renew: made.renew }
  // keepAliveTimeout of node:http would arm and disarm a timer for every request; a look every few seconds does as well.
  const watch = setInterval(() => {
    const now = performance.now()
    // Of a new connection header-timeout takes care.
    connections.endIdleSince(now - context.limits.keepAliveTimeout, -Infinity)
    connections.check(now)
  }, LOOK_MS)
  listening.on('close', () => clearInterval(watch))
  watch.unref()
  // Bodies are not timed as a whole: see body-pace.ts.
  server.requestTimeout = 0
  server.on('clientError', (error, socket: Socket) => answerClientError(context, error, socket))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (isUnwanted(request)) return
    // node:http is content with any text that holds the word.
    if (request.headers.expect?.toLowerCase() !== '100-continue') refuseExpectation(context, response)
    else receive(front, context, { request, response, invite: invitationTo(response) })
  })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    if (!isUnwanted(request)) refuseExpectation(context, response)
  })
  made.offerHttp2((socket) => {
    // It is over a limit for connections.
    if (takesNoMore(socket)) return void socket.destroy()
    const connection = new Http2Connection(socket, context.limits, (request, response) =>
      receiveHttp2(front, context, { request, response }),
    )
    multiplex(socket, connection)
  })
  server.on('connect', (_request: IncomingMessage, socket: Socket) => refuseTunnel(context, socket))
  return front
}

/** httpAllowHalfOpen is missing in the types of node:http. */
type FrontServer = Server & { httpAllowHalfOpen?: boolean }

/** Takes over new settings; requests that run and connections that are open keep what they have. */
export function changeFront(front: Front, settings: ListenerSettings): void {
  front.settings = settings
  front.renew(settings.certificates)
}

/**
 * Takes no more connections and leaves the open ones alone. close() of node:http also cuts those whose last response is complete
 * but not yet taken by the client; net's does not.
 */
export function stopListening(front: Front): void {
  front.leaving = true
  NetServer.prototype.close.call(front.listening)
  front.connections.leave()
}

type Arrived = Readonly<{ request: ClientRequest; response: ClientResponse; invite?: (() => void) | undefined }>

/** One request on this listener. */
function receive(front: Front, context: FrontContext, arrived: Arrived): void {
  const { request, response } = arrived
  const { redirect, hsts } = front.settings
  if (front.leaving && request.isMultiplexed !== true) endAfter(response)
  if (redirect !== null && !cameByHttps(context, request)) return sendToHttps(context, arrived, redirect)
  if (hsts !== null) response.setHeader(HSTS, hsts)
  accept(context, arrived)
}

/** What node:http tells apart by events. */
function receiveHttp2(front: Front, context: FrontContext, { request, response }: Arrived): void {
  const expects = request.rawHeaders.findIndex((name, index) => index % 2 === 0 && name === 'expect')
  const expected = expects < 0 ? undefined : request.rawHeaders[expects + 1]?.toLowerCase()
  if (request.method === 'CONNECT') {
    const refusal = { status: 405, requestId: context.requestIds(), why: 'CONNECT: wsgid is no proxy' }
    return refuse(context, response, refusal)
  }
  if (expected !== undefined && expected !== '100-continue') return refuseExpectation(context, response)
  receive(front, context, { request, response, invite: expected === undefined ? undefined : invitationTo(response) })
}

/** One request: target, route, head, body, dispatcher. */
function accept(context: FrontContext, { request, response, invite }: Arrived): void {
  const requestId = context.requestIds()
  const target = parseTarget(request.url ?? '')
  const facts = readHeaders(request.rawHeaders)
  const isBodyComing = facts.chunked || facts.contentLength > 0
  if (isBodyComing && request.isMultiplexed !== true) bodyBegins(request.socket, request)
  if (invite !== undefined) bodyWaits(request.socket, true)
  const over = overLimit(context.limits, request)
  if (over !== undefined) {
    endAfter(response)
    return refuse(context, response, { ...over, requestId })
  }
  // We ignore it; node:http drops what was sent behind such a request.
  if (facts.upgrade) endAfter(response)
  const malformed = whyMalformed(request, facts)
  if (malformed !== undefined) return refuse(context, response, { status: 400, requestId, why: malformed })
  if ('refused' in target) {
    if (request.url === '*' && request.method === 'OPTIONS') return answerForServer(response)
    return refuse(context, response, { status: target.refused, requestId, why: target.why })
  }
  if (target.authority !== undefined) overrideHost(facts, target.authority)
  const conflict = context.proxies?.complete(request, facts) ?? ''
  if (conflict !== '') return refuse(context, response, { status: 400, requestId, why: conflict })
  const host = hostName(facts.host)
  if (host === undefined) return refuse(context, response, { status: 400, requestId, why: 'Host is not a host' })
  const match = context.routes.find(host, target.path)
  if (match === undefined) {
    const why = `nothing is mounted at ${facts.host}${target.path}`
    return refuse(context, response, { status: 404, requestId, why, facts })
  }
  const { target: destination, captures } = match
  const place = destination.place ?? findPlace(context, match, { response, requestId, facts })
  if (place === null) return
  const { dispatcher, application, gate } = place
  const exchange = new Exchange(request, response, dispatcher, requestId)
  exchange.host = facts.host
  if (facts.origin !== null) exchange.client = facts.origin.client
  dispatcher.exchangeBegan()
  const scriptName = target.path.slice(0, match.split)
  const pathInfo = target.path.slice(match.split)
  const { query } = target
  const variables = destination.variables === null ? '' : destination.variables(captures ?? NO_CAPTURES)
  const line = { application, requestId, scriptName, pathInfo, query, variables }
  if (gate === null) return forward(exchange, dispatcher, { facts, invite, head: requestHead(request, line, facts) })
  gate.enter({
    ...{ exchange, scriptName, pathInfo, query },
    pass: (login) => {
      const head = requestHead(request, line, facts)
      forward(exchange, dispatcher, { facts, invite, head: login === null ? head : withLogin(head, login) })
    },
  })
}

const NO_CAPTURES: Captures = {}

type Asked = Readonly<{ response: ClientResponse; requestId: string; facts: RequestFacts }>

/** Where a request goes whose route leads to no one group: to the one that its captures name, or its client elsewhere. null: it is answered. */
function findPlace(context: FrontContext, { target, captures }: Match<Destination>, asked: Asked): Place | null {
  const { response, requestId, facts } = asked
  if (target.redirect !== null) {
    const { status, location } = aliasRedirection(target.redirect, response.req, facts)
    answerWithRedirect(response, status, location)
    tellEnd(context, response, { status, requestId, bytes: 0, facts })
    return null
  }
  const place = target.choice === null ? undefined : chosenPlace(target.choice, captures ?? NO_CAPTURES)
  if (place !== undefined) return place
  refuse(context, response, { status: 404, requestId, why: 'its captures name no process group that serves it', facts })
  return null
}

/** Gives a request whose head is complete to the group's workers. */
function forward(
  exchange: Exchange,
  dispatcher: Dispatcher,
  { head, ...arrival }: Arrival & Readonly<{ head: string }>,
): void {
  const { facts } = arrival
  const limit = dispatcher.settings.limitRequestBody
  if (limit > 0 && facts.contentLength > limit) return refuseBody(exchange, 413, tooLarge(limit))
  exchange.head = head
  if (facts.chunked || facts.contentLength > 0) receiveBody(exchange, dispatcher, arrival)
  else dispatcher.submit(exchange)
}

type Redirection = NonNullable<ListenerSettings['redirect']>

/** A trusted proxy in front of this plain listener has taken the request by https. */
function cameByHttps(context: FrontContext, request: ClientRequest): boolean {
  if (context.proxies === null) return false
  const facts = readHeaders(request.rawHeaders)
  context.proxies.complete(request, facts)
  return facts.origin?.scheme === 'https'
}

function sendToHttps(context: FrontContext, { request, response }: Arrived, { status, port }: Redirection): void {
  const { host, hasHost } = readHeaders(request.rawHeaders)
  const location = httpsLocation(request.url ?? '', hasHost ? host : undefined, port)
  const requestId = context.requestIds()
  if (location === undefined) {
    return refuse(context, response, { status: 400, requestId, why: 'it names no host that it could be redirected to' })
  }
  answerWithRedirect(response, status, location)
  tellEnd(context, response, { status, requestId, bytes: 0, host })
}

/** Why a message that node:http takes is refused as ambiguous; undefined when there is nothing to say against it. */
function whyMalformed({ httpVersion, isMultiplexed }: ClientRequest, facts: RequestFacts): string | undefined {
  if (facts.ambiguous !== '') return facts.ambiguous
  if (httpVersion === '1.1' || isMultiplexed === true) return facts.hasHost ? undefined : 'the header has no Host'
  if (httpVersion !== '1.0') return `the request line says HTTP/${httpVersion}`
  return facts.chunked ? 'Transfer-Encoding does not exist in HTTP/1.0' : undefined
}

/** It stands behind a request that could be understood in two ways, or whose answer ends the connection: it may be part of its body. */
function isUnwanted({ socket }: IncomingMessage): boolean {
  if (!takesNoMore(socket)) return false
  socket.pause()
  return true
}

/** The response ends the connection, and whatever comes behind the request is not taken up. */
function endAfter(response: ClientResponse): void {
  response.shouldKeepAlive = false
  if (response.req.isMultiplexed !== true) takeNoMore(response.req.socket)
}

/**
 * Lets the client send its body (Expect: 100-continue). As long as it was not called, a response ends the connection: whether the body
 * comes after all cannot be known.
 */
function invitationTo(response: ClientResponse): () => void {
  const { shouldKeepAlive } = response
  response.shouldKeepAlive = false
  return () => {
    if (response.headersSent || response.destroyed) return
    bodyWaits(response.req.socket, false)
    response.shouldKeepAlive = shouldKeepAlive
    response.writeContinue()
  }
}

function refuseExpectation(context: FrontContext, response: ClientResponse): void {
  endAfter(response)
  const requestId = context.requestIds()
  refuse(context, response, { status: 417, requestId, why: 'an expectation other than 100-continue' })
}

/** OPTIONS * asks for nothing but a sign of life (RFC 9110 §9.3.7). */
function answerForServer(response: ClientResponse): void {
  response.writeHead(200, 'OK', ['Content-Length', '0'])
  response.end()
}

type Arrival = Readonly<{ facts: RequestFacts; invite: (() => void) | undefined }>

/**
 * Small bodies are collected before they occupy a worker; larger ones, known or found to be, are streamed. So are those that the client
 * keeps back until it is asked: whether they are wanted is the application's to say.
 */
function receiveBody(exchange: Exchange, dispatcher: Dispatcher, { facts, invite }: Arrival): void {
  const { request } = exchange
  const limit = dispatcher.settings.limitRequestBody
  const stream = (first: Buffer[]): void => {
    exchange.head += queueStart()
    const refuse = (status: number, why: string): void => refuseBody(exchange, status, why)
    exchange.upload = new Upload(request, { first, limit, refuse, invite })
    dispatcher.submit(exchange)
  }
  if (facts.contentLength > LARGEST_WHOLE_BODY || invite !== undefined) return stream([])
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
    if (limit > 0 && length > limit) return refuseBody(exchange, 413, tooLarge(limit))
    const forbidden = forbiddenTrailer(request.rawTrailers)
    if (forbidden !== undefined) return refuseBody(exchange, 400, forbidden)
    exchange.head += queueStart()
    exchange.body = (parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)).toString('latin1')
    dispatcher.submit(exchange)
  }
  request.on('data', take).on('end', complete)
}

/** The rest of the body, if there is one, is not wanted: the connection ends with the answer. */
function refuseBody(exchange: Exchange, status: number, why: string): void {
  endAfter(exchange.response)
  exchange.refuse(status, why)
}

type Refusal = Readonly<{ status: number; requestId: string; why: string; facts?: RequestFacts }>

/** A request that belongs to no group. */
function refuse(context: FrontContext, response: ClientResponse, refusal: Refusal): void {
  // A request that could be understood in two ways may be longer or shorter than it seems: what follows is not looked at.
  if (refusal.status === 400) endAfter(response)
  context.log(refusal.requestId, `answered ${refusal.status}: ${refusal.why}`)
  const bytes = answerWithError(response, refusal.status, refusal.requestId)
  tellEnd(context, response, { ...refusal, bytes })
}

type Answered = Readonly<{ status: number; requestId: string; bytes: number; host?: string; facts?: RequestFacts }>

/** For the access log. */
function tellEnd(context: FrontContext, { req: request }: ClientResponse, answered: Answered): void {
  const { requestId, status, bytes, facts, host = '' } = answered
  context.ends.tell?.(
    endWithoutGroup(request.socket, {
      ...{ requestId, status, bytes, host: facts?.host ?? host },
      ...(facts?.origin && { client: facts.origin.client }),
      ...{ method: request.method ?? '', target: request.url ?? '', protocol: `HTTP/${request.httpVersion}` },
      rawHeaders: request.rawHeaders,
    }),
  )
}

/** CONNECT: node:http has let go of the connection, and of its errors. */
function refuseTunnel(context: FrontContext, socket: Socket): void {
  socket.on('error', () => socket.destroy()).resume()
  refuseClient(context, socket, { status: 405, why: 'CONNECT: wsgid is no proxy' })
}

let lastHost = ''
let lastHostName: string | undefined = ''

/** Lower-case name without port, undefined for what is none; the last answer is kept, consecutive requests mostly name the same host. */
function hostName(host: string): string | undefined {
  if (host !== lastHost) {
    lastHost = host
    lastHostName = isHost(host) ? splitHost(host).name.toLowerCase() : undefined
  }
  return lastHostName
}
