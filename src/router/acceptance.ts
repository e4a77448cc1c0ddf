// The request path, from a parsed head to the group's dispatcher, in the order in which it happens: checks, target, host, route, gate, head.
// Hot. How a request arrives is in front.ts, what becomes of its body in body-reception.ts.
import { bodyBegins, isFirstOn } from './client-connections.ts'
import { overLimit } from './client-limits.ts'
import { chosenPlace, type Destination, type Place } from './destination.ts'
import type { ClientRequest, ClientResponse } from './client-message.ts'
import { forward } from './body-reception.ts'
import { Exchange } from './exchange.ts'
import { invitationTo, isInvitation } from './expectation.ts'
import type { FrontContext } from './front-context.ts'
import { endAfter } from './last-request.ts'
import type { Captures } from './match-list.ts'
import { sendToHost, sendToHttps, type Redirection } from './redirections.ts'
import { refuse, tellAnswered } from './refusals.ts'
import {
  isHost,
  overrideHost,
  readHeaders,
  requestHead,
  splitHost,
  withLogin,
  type RequestFacts,
} from './request-head.ts'
import { isForeign, oddRequestLine } from './request-line.ts'
import { parseTarget } from './request-target.ts'
import type { Match } from './routes.ts'

/** A request whose head has come. */
export type Arrived = Readonly<{
  request: ClientRequest
  response: ClientResponse
  /** It came by a listener that sends its clients to https; missing: it does not. */
  redirect?: Redirection
}>

/** One request: head, target, host, route. */
export function accept(context: FrontContext, arrived: Arrived): void {
  const { request, response } = arrived
  const requestId = context.requestIds()
  const facts = readHeaders(request.rawHeaders)
  expectBody(request, facts)
  // We ignore it; the parser drops what was sent behind such a request.
  if (facts.upgrade) endAfter(response)
  // HTTP/1.0 does not have it (RFC 9110 §10.1.1).
  const isExpectant = facts.expect !== '' && request.httpVersion !== '1.0'
  if (isExpectant && !isInvitation(facts.expect)) {
    return refuse(context, response, { status: 417, requestId, why: 'an expectation other than 100-continue' })
  }
  const invite = isExpectant ? invitationTo(response) : undefined
  const fault = overLimit(context.limits, request) ?? malformation(request, facts)
  if (fault !== undefined) return refuse(context, response, { ...fault, requestId })
  const target = parseTarget(request.url ?? '')
  if ('refused' in target) {
    if (request.url === '*' && request.method === 'OPTIONS') return answerForServer(context, response, requestId)
    return refuse(context, response, { status: target.refused, requestId, why: target.why })
  }
  if (target.authority !== undefined) overrideHost(facts, target.authority)
  const conflict = context.proxies?.complete(request, facts) ?? ''
  if (conflict !== '') return refuse(context, response, { status: 400, requestId, why: conflict })
  const host = hostName(facts.host)
  if (host === undefined) return refuse(context, response, { status: 400, requestId, why: 'Host is not a host' })
  const { redirect } = arrived
  // What a trusted proxy has taken by https would come back to it for ever.
  if (redirect !== undefined && facts.origin?.scheme !== 'https')
    return sendToHttps(context, response, { redirect, requestId, facts })
  const match = context.routes.find(host, target.path)
  if (match === undefined) {
    const why = `nothing is mounted at ${facts.host}${target.path}`
    return refuse(context, response, { status: 404, requestId, why, facts })
  }
  const place = match.target.place ?? findPlace(context, match, { response, requestId, facts })
  if (place === null) return
  deliver(place, arrived, { requestId, facts, match, invite, path: target.path, query: target.query })
}

type Understood = Readonly<{
  requestId: string
  facts: RequestFacts
  match: Match<Destination>
  /** Asks for the body that the client keeps back; undefined: it does not. */
  invite: (() => void) | undefined
  path: string
  query: string
}>

/** Through the gate, if the application has one, to the group's workers. */
function deliver(
  { dispatcher, application, gate, variables: variablesFor }: Place,
  arrived: Arrived,
  understood: Understood,
): void {
  const { request, response } = arrived
  const { requestId, facts, match, invite, path, query } = understood
  const exchange = new Exchange(request, response, dispatcher, requestId)
  exchange.host = facts.host
  if (facts.origin !== null) exchange.client = facts.origin.client
  dispatcher.exchangeBegan()
  const scriptName = path.slice(0, match.split)
  const pathInfo = path.slice(match.split)
  const variables = variablesFor === null ? '' : variablesFor(match.captures ?? NO_CAPTURES)
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
    sendToHost(context, response, { to: target.redirect, requestId, facts })
    return null
  }
  const place = target.choice === null ? undefined : chosenPlace(target.choice, captures ?? NO_CAPTURES)
  if (place !== undefined) return place
  refuse(context, response, { status: 404, requestId, why: 'its captures name no process group that serves it', facts })
  return null
}

/** As long as a body comes, the connection's bytes are no request; and its client is timed. */
function expectBody(request: ClientRequest, { chunked, contentLength }: RequestFacts): void {
  const isComing = chunked || contentLength > 0
  if (isComing && request.isMultiplexed !== true) bodyBegins(request.socket, request)
}

type Fault = Readonly<{ status: number; why: string }>

/** A message that the parser takes may still be ambiguous, or of another HTTP; undefined when there is nothing to say against it. */
function malformation(request: ClientRequest, facts: RequestFacts): Fault | undefined {
  const why = whyMalformed(request, facts)
  return why === undefined ? undefined : { status: 400, why }
}

function whyMalformed(request: ClientRequest, facts: RequestFacts): string | undefined {
  const { httpVersion, isMultiplexed, method = '' } = request
  const odd = isFirstOn(request.socket) ? oddRequestLine(request) : undefined
  if (odd !== undefined) return odd
  if (isForeign(method)) return `the method ${method} is none of HTTP`
  if (facts.ambiguous !== '') return facts.ambiguous
  if (httpVersion === '1.1' || isMultiplexed === true) return facts.hasHost ? undefined : 'the header has no Host'
  if (httpVersion !== '1.0') return `the request line says HTTP/${httpVersion}`
  return facts.chunked ? 'Transfer-Encoding does not exist in HTTP/1.0' : undefined
}

/** OPTIONS * asks for nothing but a sign of life (RFC 9110 §9.3.7). */
function answerForServer(context: FrontContext, response: ClientResponse, requestId: string): void {
  response.writeHead(200, 'OK', ['Content-Length', '0'])
  response.end()
  tellAnswered(context, response, { status: 200, requestId, bytes: 0, cause: 'ok' })
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
