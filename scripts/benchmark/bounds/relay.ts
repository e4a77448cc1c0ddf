// Passes bytes between clients and the sockets of echo.py, each client's on a connection of its own: relay.js PORT SOCKET…. Ends by SIGTERM.
import { connect, createServer, type Socket } from 'node:net'

const [port, ...sockets] = process.argv.slice(2)
let turn = 0

createServer((client) => {
  turn += 1
  const server = connect(sockets[turn % sockets.length] ?? '')
  relay(client, server)
  relay(server, client)
}).listen(Number(port), '127.0.0.1')

/** Either end may leave whenever it likes: then both go. */
function relay(from: Socket, to: Socket): void {
  from.setNoDelay(true)
  from.on('data', (data) => to.write(data))
  from.on('close', () => to.destroy())
  from.on('error', () => to.destroy())
}
