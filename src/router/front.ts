// The HTTP front: one node:http server a listener, its connections, and the ways in which it learns of a request. What then becomes of a
// request is in acceptance.ts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { CertificatePlan } from '../plan/plan.ts'
import type { ListenerSettings } from '../protocol/supervision.ts'
import { accept, type Arrived } from './acceptance.ts'
import { ClientConnections, multiplex, takesNoMore } from './client-connections.ts'
import { answerClientError, refuseClient } from './client-errors.ts'
import { limitServer } from './client-limits.ts'
import { complaints } from './complaints.ts'
import type { WaitingConnections } from './connection-counts.ts'
import { invitationTo, isInvitation, refuseExpectation } from './expectation.ts'
import type { FrontContext } from './front-context.ts'
import { Http2Connection } from './http2-connection.ts'
import { endAfter, isUnwanted } from './last-request.ts'
import { createProxyListener } from './proxy-listener.ts'
import { NO_TUNNEL, refuse, refuseTunnel } from './refusals.ts'
import { countHandshakes, createSecureServer } from './secure-server.ts'
import { HSTS } from './whole-response.ts'

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
  const complain = complaints((text) => context.log('', text))
  const waiting: WaitingConnections = {
    begin: () => context.counts.beginWaiting(context.limits),
    end: () => context.counts.endWaiting(),
    complain,
  }
  if (secure) countHandshakes(server, waiting)
  const connections = new ClientConnections(server, secure ? 'secureConnection' : 'connection', {
    limits: () => context.limits,
    counts: context.counts,
    refuse: (socket, status, why) => refuseClient(context, socket, { status, why }),
  })
  const listening: NetServer =
    settings.proxyProtocol === 'off'
      ? server
      : createProxyListener(server, {
          mode: () => front.settings.proxyProtocol,
          trusts: (address) => context.proxies?.networks.has(address) ?? true,
          headerTimeout: () => context.limits.headerTimeout,
          waiting,
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
    if (isInvitation(request.headers.expect))
      receive(front, context, { request, response, invite: invitationTo(response) })
    else refuseExpectation(context, response)
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

/** One request on this listener. */
function receive(front: Front, context: FrontContext, arrived: Arrived): void {
  const { request, response } = arrived
  const { redirect, hsts } = front.settings
  if (front.leaving && request.isMultiplexed !== true) endAfter(response)
  if (hsts !== null) response.setHeader(HSTS, hsts)
  accept(context, redirect === null ? arrived : { ...arrived, redirect })
}

/** What node:http tells apart by events. */
function receiveHttp2(front: Front, context: FrontContext, { request, response }: Arrived): void {
  if (request.method === 'CONNECT') {
    return refuse(context, response, { status: 405, requestId: context.requestIds(), why: NO_TUNNEL })
  }
  const { expect } = request.headers
  if (expect === undefined) return receive(front, context, { request, response })
  if (isInvitation(expect)) receive(front, context, { request, response, invite: invitationTo(response) })
  else refuseExpectation(context, response)
}
