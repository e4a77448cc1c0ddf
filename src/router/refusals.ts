// How requests end that come to no group: by an error page, a line in the log with the cause, and one in the access log. Why they are
// refused is for others to find out.
import type { Socket } from 'node:net'
import type { EndCause } from '../protocol/request-counts.ts'
import { refuseClient } from './client-errors.ts'
import type { ClientResponse } from './client-message.ts'
import { answerWithError } from './error-page.ts'
import type { FrontContext } from './front-context.ts'
import { endAfter } from './last-request.ts'
import { endWithoutGroup } from './request-end.ts'
import type { RequestFacts } from './request-head.ts'

type Refusal = Readonly<{ status: number; requestId: string; why: string; facts?: RequestFacts }>

/**
 * A request that could be understood in two ways may be longer or shorter than it seems, and one that is larger than it may be goes on:
 * what follows is not looked at.
 */
const LAST_OF_CONNECTION = new Set([400, 414, 417, 431])

/** Answers a request that belongs to no group with an error page, and logs why. */
export function refuse(context: FrontContext, response: ClientResponse, refusal: Refusal): void {
  if (LAST_OF_CONNECTION.has(refusal.status)) endAfter(response)
  context.log(refusal.requestId, `answered ${refusal.status}: ${refusal.why}`)
  const bytes = answerWithError(response, refusal.status, refusal.requestId)
  tellAnswered(context, response, { ...refusal, bytes })
}

/** CONNECT over HTTP/1: what follows is for somebody else. */
export function refuseTunnel(context: FrontContext, socket: Socket): void {
  refuseClient(context, socket, { status: 405, why: NO_TUNNEL })
}

export const NO_TUNNEL = 'CONNECT: wsgid is no proxy'

type Answered = Readonly<{
  status: number
  requestId: string
  bytes: number
  facts?: RequestFacts
  /** Default: refused. */
  cause?: EndCause
}>

/** For the access log: the router itself has answered a request that came to no group. */
export function tellAnswered(context: FrontContext, { req: request }: ClientResponse, answered: Answered): void {
  const { requestId, status, bytes, facts, cause = 'refused' } = answered
  context.ends.tell?.(
    endWithoutGroup(request.socket, {
      ...{ requestId, status, bytes, cause, host: facts?.host ?? '' },
      ...(facts?.origin && { client: facts.origin.client }),
      ...{ method: request.method ?? '', target: request.url ?? '', protocol: `HTTP/${request.httpVersion}` },
      rawHeaders: request.rawHeaders,
    }),
  )
}
