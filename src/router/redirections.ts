// Requests that are answered with another address: clients of a plain listener are sent to https, those of an alias to its host. Which
// address that is, is worked out in https-redirect.ts and alias-redirection.ts.
import { STATUS_CODES } from 'node:http'
import type { ListenerSettings } from '../protocol/supervision.ts'
import { aliasRedirection } from './alias-redirection.ts'
import type { ClientResponse } from './client-message.ts'
import type { FrontContext } from './front-context.ts'
import { httpsLocation } from './https-redirect.ts'
import { refuse, tellAnswered } from './refusals.ts'
import type { RequestFacts } from './request-head.ts'

/** Of a plain listener: with which status, and to which port. */
export type Redirection = NonNullable<ListenerSettings['redirect']>

type Known = Readonly<{ requestId: string; facts: RequestFacts }>

/** @param redirect of the listener by which the request came */
export function sendToHttps(
  context: FrontContext,
  response: ClientResponse,
  { redirect, ...known }: Known & Readonly<{ redirect: Redirection }>,
): void {
  const { status, port } = redirect
  const location = httpsLocation(response.req.url ?? '', known.facts.host, port)
  if (location === undefined) {
    const why = 'it names no host that it could be redirected to'
    return refuse(context, response, { ...known, status: 400, why })
  }
  answerWithRedirect(context, response, { ...known, status, location })
}

/** @param to the host that the alias stands for */
export function sendToHost(
  context: FrontContext,
  response: ClientResponse,
  { to, ...known }: Known & Readonly<{ to: string }>,
): void {
  answerWithRedirect(context, response, { ...known, ...aliasRedirection(to, response.req, known.facts) })
}

/** RFC 9110 §15.4. */
function answerWithRedirect(
  context: FrontContext,
  response: ClientResponse,
  { status, location, ...known }: Known & Readonly<{ status: number; location: string }>,
): void {
  response.writeHead(status, STATUS_CODES[status] ?? '', ['Location', location, 'Content-Length', '0'])
  response.end()
  tellAnswered(context, response, { ...known, status, bytes: 0 })
}
