// When it can be said how a request has ended: at once, or only when its client has taken what still waits for it.
import type { EndCause } from '../protocol/request-counts.ts'
import { beginOn, endOn } from './client-connections.ts'
import type { ClientRequest, ClientResponse } from './client-message.ts'

type Ended = Readonly<{ request: ClientRequest; response: ClientResponse }>

/** Nothing waits for the client any more, or nothing of it will be taken. */
export function isKnownEnd({ request, response }: Ended, cause: EndCause): boolean {
  return cause === 'cut' || cause === 'client-gone' || response.writableLength === 0 || request.socket.destroyed
}

/** Calls `tell` once, when what waits is taken or lost. @param cause how it ends if it is taken */
export function whenTaken({ request, response }: Ended, cause: EndCause, tell: (cause: EndCause) => void): void {
  const { socket } = request
  let told = false
  const end = (how: EndCause): void => {
    if (told) return
    told = true
    endOn(socket, rest)
    tell(how)
  }
  const rest = { request, response, clientGone: () => end('client-gone'), cutOff: () => end('cut') }
  beginOn(socket, rest)
  // Node says `finish` also when the connection was destroyed with all that waited.
  response.once('finish', () => end(socket.destroyed ? 'client-gone' : cause))
}
