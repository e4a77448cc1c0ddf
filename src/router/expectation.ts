// Expect: 100-continue (RFC 9110 §10.1.1): the client keeps its body back until it is asked for it.
import { bodyWaits } from './client-connections.ts'
import type { ClientResponse } from './client-message.ts'

/** The only expectation there is. */
export function isInvitation(expect: string): boolean {
  return expect.toLowerCase() === '100-continue'
}

/**
 * Lets the client send its body. As long as it was not called, a response ends the connection: whether the body comes after all cannot be
 * known.
 */
export function invitationTo(response: ClientResponse): () => void {
  const { shouldKeepAlive } = response
  response.shouldKeepAlive = false
  bodyWaits(response.req, true)
  return () => {
    if (response.headersSent || response.destroyed) return
    bodyWaits(response.req, false)
    response.shouldKeepAlive = shouldKeepAlive
    response.writeContinue()
  }
}
