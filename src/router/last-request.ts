// The last request of a connection: its response ends the connection, and whatever comes behind it is dropped, never run.
import { takeNoMore } from './client-connections.ts'
import type { ClientResponse } from './client-message.ts'

/** The response ends the connection, and whatever comes behind the request is not taken up. */
export function endAfter(response: ClientResponse): void {
  response.shouldKeepAlive = false
  if (response.req.isMultiplexed !== true) takeNoMore(response.req.socket)
}
