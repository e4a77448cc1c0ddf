// Requests that are answered with another address: clients of a plain listener are sent to https, those of an alias to its host. Which
// address that is, is worked out in https-redirect.ts and alias-redirection.ts.
import { STATUS_CODES } from 'node:http'
import type { ListenerSettings } from '../protocol/supervision.ts'
import { aliasRedirection } from './alias-redirection.ts'
import type { ClientRequest, ClientResponse } from './client-message.ts'
import type { FrontContext } from './front-context.ts'
import { httpsLocation } from './https-redirect.ts'
import { refuse, tellAnswered } from './refusals.ts'
import { readHeaders, type RequestFacts } from './request-head.ts'

type Redirection = NonNullable<ListenerSettings['redirect']>

/** A trusted proxy in front of this plain listener has taken the request by https. */
export function cameByHttps(context: FrontContext, request: ClientRequest): boolean {
  if (context.proxies === null) return false
  const facts = readHeaders(request.rawHeaders)
  context.proxies.complete(request, facts)
  return facts.origin?.scheme === 'https'
}

export function sendToHttps(context: FrontContext, response: ClientResponse, { status, port }: Redirection): void {
  const { rawHeaders, url = '' } = response.req
  const { host, hasHost } = readHeaders(rawHeaders)
  const location = httpsLocation(url, hasHost ? host : undefined, port)
  const requestId = context.requestIds()
  if (location === undefined) {
    return refuse(context, response, { status: 400, requestId, why: 'it names no host that it could be redirected to' })
  }
  answerWithRedirect(response, status, location)
  tellAnswered(context, response, { status, requestId, bytes: 0, host })
}

/** @param to the host that the alias stands for */
export function sendToHost(
  context: FrontContext,
  response: ClientResponse,
  { to, ...known }: Readonly<{ to: string; requestId: string; facts: RequestFacts }>,
): void {
  const { status, location } = aliasRedirection(to, response.req, known.facts)
  answerWithRedirect(response, status, location)
  tellAnswered(context, response, { ...known, status, bytes: 0 })
}

/** RFC 9110 §15.4. */
function answerWithRedirect(response: ClientResponse, status: number, location: string): void {
  response.writeHead(status, STATUS_CODES[status] ?? '', ['Location', location, 'Content-Length', '0'])
  response.end()
}
