// Expect: 100-continue (RFC 9110 §10.1.1): the client keeps its body back until it is asked for it.
import { bodyWaits } from './client-connections.ts'
import type { ClientResponse } from './client-message.ts'
import type { FrontContext } from './front-context.ts'
import { refuse } from './refusals.ts'

/** The only expectation there is; node:http is content with any text that holds the word. */
export function isInvitation(expect: string | undefined): boolean {
  return expect?.toLowerCase() === '100-continue'
}

/**
 * Lets the client send its body. As long as it was not called, a response ends the connection: whether the body comes after all cannot be
 * known.
 */
export function invitationTo(response: ClientResponse): () => void {
  const { shouldKeepAlive } = response
  response.shouldKeepAlive = false
  return () => {
    if (response.headersSent || response.destroyed) return
    bodyWaits(response.req, false)
    response.shouldKeepAlive = shouldKeepAlive
    response.writeContinue()
  }
}

export function refuseExpectation(context: FrontContext, response: ClientResponse): void {
  const requestId = context.requestIds()
  refuse(context, response, { status: 417, requestId, why: 'an expectation other than 100-continue' })
}
