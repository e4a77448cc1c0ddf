// TCP ports for servers that can neither take port 0 and tell which one they got, nor an inherited socket.
import { createServer } from 'node:net'

/** Finds a TCP port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP socket without a port')
  return address.port
}
