// The connections of clients: which exchanges run on each, and since when it is idle. One listener and no timer per connection or
// request: idle ones are found by a look at all of them every few seconds.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Something that ends when its client goes away. */
type Ending = { clientGone(): void }

const state = Symbol('what runs on a connection')
type Busy = { readonly running: Ending[]; idleSince: number }
type ClientSocket = Socket & { [state]?: Busy }

/** Notes every connection of a server. */
export function followConnections(server: Server): void {
  server.on('connection', (socket: ClientSocket) => {
    socket[state] = { running: [], idleSince: performance.now() }
    socket.on('close', connectionClosed)
  })
}

/** An exchange runs on this connection; more than one does when the client pipelines. */
export function beginOn(socket: ClientSocket, exchange: Ending): void {
  socket[state]?.running.push(exchange)
}

/** An exchange is over. */
export function endOn(socket: ClientSocket, exchange: Ending): void {
  const busy = socket[state]
  if (busy === undefined) return
  const { running } = busy
  if (running[0] === exchange) running.shift()
  else running.splice(running.indexOf(exchange), 1)
  busy.idleSince = performance.now()
}

/** Whether the connection has been without a request, and with nothing left to send, since `since` or longer. */
export function isIdleSince(socket: ClientSocket, since: number): boolean {
  const busy = socket[state]
  return busy !== undefined && busy.running.length === 0 && busy.idleSince <= since && socket.writableLength === 0
}

function connectionClosed(this: ClientSocket): void {
  const busy = this[state]
  if (busy === undefined) return
  for (const exchange of [...busy.running]) exchange.clientGone()
}
