// The last request of a connection: its response ends the connection, and whatever comes behind it is dropped, never run.
import type { IncomingMessage } from 'node:http'
import { takeNoMore, takesNoMore } from './client-connections.ts'
import type { ClientResponse } from './client-message.ts'

/** The response ends the connection, and whatever comes behind the request is not taken up. */
export function endAfter(response: ClientResponse): void {
  response.shouldKeepAlive = false
  if (response.req.isMultiplexed !== true) takeNoMore(response.req.socket)
}

/** It stands behind a request that could be understood in two ways, or whose answer ends the connection: it may be part of its body. */
export function isUnwanted({ socket }: IncomingMessage): boolean {
  if (!takesNoMore(socket)) return false
  socket.pause()
  return true
}
