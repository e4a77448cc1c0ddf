// The HTTP front: the server of a listener, its connections, and which HTTP they speak. What becomes of a request is in acceptance.ts.
import type { Server } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { CertificatePlan } from '../plan/plan.ts'
import type { ListenerSettings } from '../protocol/supervision.ts'
import { accept, type Arrived } from './acceptance.ts'
import { ClientConnections, multiplex, speakHttp1, takesNoMore, type ClientSocket } from './client-connections.ts'
import { answerClientError, refuseClient } from './client-errors.ts'
import type { ClientRequest, ClientResponse } from './client-message.ts'
import { complaints } from './complaints.ts'
import type { WaitingConnections } from './connection-counts.ts'
import type { FrontContext } from './front-context.ts'
import type { ClientError } from './http-parser.ts'
import { Http1Connection } from './http1-connection.ts'
import { Http2Connection } from './http2-connection.ts'
import { endAfter } from './last-request.ts'
import { PlainServer } from './plain-server.ts'
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
  readonly listening: Server
  readonly connections: ClientConnections
  /** Not listened on any more: each response ends its connection. */
  leaving: boolean
  settings: ListenerSettings
  readonly renew: (certificates: readonly CertificatePlan[]) => void
}

/** Makes the front of one listener. It ends idle connections by itself. */
export function createFront(context: FrontContext, settings: ListenerSettings): Front {
  const secure = settings.certificates.length > 0
  const { server, arrival, renew } = secure
    ? createSecureServer(settings.certificates)
    : ({ server: new PlainServer(), arrival: 'connection', renew: () => undefined } as const)
  const complain = complaints((text) => context.log('', text))
  const waiting: WaitingConnections = {
    begin: () => context.counts.beginWaiting(context.limits),
    end: () => context.counts.endWaiting(),
    complain,
  }
  if (secure) countHandshakes(server, waiting)
  const connections = new ClientConnections(server, arrival, {
    limits: () => context.limits,
    counts: context.counts,
    refuse: (socket, status, why) => refuseClient(context, socket, { status, why }),
  })
  const listening: Server =
    settings.proxyProtocol === 'off'
      ? server
      : createProxyListener(server, {
          mode: () => front.settings.proxyProtocol,
          trusts: (address) => context.proxies?.networks.has(address) ?? true,
          headerTimeout: () => context.limits.headerTimeout,
          waiting,
        })
  const front: Front = { server, listening, connections, settings, leaving: false, renew }
  // No timer is armed and disarmed for every request: a look every second does as well.
  const watch = setInterval(() => {
    const now = performance.now()
    // Of a new connection header-timeout takes care.
    connections.endIdleSince(now - context.limits.keepAliveTimeout, -Infinity)
    connections.check(now)
  }, LOOK_MS)
  listening.on('close', () => clearInterval(watch))
  watch.unref()
  serveConnections(front, context, arrival)
  return front
}

/** Has each connection speak the HTTP that its client has chosen. */
function serveConnections(front: Front, context: FrontContext, arrival: 'connection' | 'secureConnection'): void {
  const onHttp1 = {
    request: (request: ClientRequest, response: ClientResponse) => receive(front, context, { request, response }),
    tunnel: (socket: ClientSocket) => refuseTunnel(context, socket),
    error: (error: ClientError, socket: ClientSocket) => answerClientError(context, error, socket),
  }
  front.server.on(arrival, (socket: ClientSocket) => {
    if (socket instanceof TLSSocket && socket.alpnProtocol === 'h2') serveHttp2(front, context, socket)
    else if (takesNoMore(socket)) dropAll(socket)
    else serveHttp1(socket, new Http1Connection(socket, context.limits.requestHeader, onHttp1))
  })
}

/** Known before it reads: with what has come already there may be a request that is refused. */
function serveHttp1(socket: ClientSocket, connection: Http1Connection): void {
  speakHttp1(socket, connection)
  connection.begin()
}

/** It is over a limit for connections, and has its answer. */
function dropAll(socket: ClientSocket): void {
  socket.on('error', () => socket.destroy()).resume()
}

function serveHttp2(front: Front, context: FrontContext, socket: TLSSocket): void {
  // It is over a limit for connections.
  if (takesNoMore(socket)) return void socket.destroy()
  const connection = new Http2Connection(socket, context.limits, (request, response) => {
    if (request.method !== 'CONNECT') return receive(front, context, { request, response })
    refuse(context, response, { status: 405, requestId: context.requestIds(), why: NO_TUNNEL })
  })
  multiplex(socket, connection)
}

/** Takes over new settings; requests that run and connections that are open keep what they have. */
export function changeFront(front: Front, settings: ListenerSettings): void {
  front.settings = settings
  front.renew(settings.certificates)
}

/** Takes no more connections and leaves the open ones alone. */
export function stopListening(front: Front): void {
  front.leaving = true
  front.listening.close()
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
