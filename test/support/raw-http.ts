// Bytes in, bytes out: for requests that no HTTP library would send, and to see an answer exactly as it came.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A GET as bytes, with these header lines besides Host; each ends with CRLF. */
export const get = (path: string, lines = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`

/** A POST likewise, and what follows its head. */
export const post = (path: string, lines: string, rest = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n${rest}`

/** Sends the bytes and returns all that comes (latin-1) until the server closes, or until `enough` says so. */
export async function exchange(
  url: string,
  bytes: string,
  enough: (received: string) => boolean = () => false,
): Promise<string> {
  await using connection = await openConnection(url)
  connection.send(bytes)
  return await connection.receive(enough)
}

export async function openConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  await once(socket, 'connect')
  return new RawConnection(socket)
}

export class RawConnection {
  readonly socket: Socket
  #received = ''
  #ended = false
  #wake: () => void = () => undefined

  constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#wake()
    })
    const end = () => {
      this.#ended = true
      this.#wake()
    }
    // A reset ends the connection like an end; what was received until then counts.
    socket.on('end', end).on('close', end).on('error', end)
  }

  send(bytes: string): void {
    this.socket.write(bytes, 'latin1')
  }

  /** All that was received since the last call, when the server has closed or `enough` is satisfied. */
  async receive(enough: (received: string) => boolean = () => false): Promise<string> {
    while (!this.#ended && !enough(this.#received)) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const received = this.#received
    this.#received = ''
    return received
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    if (!this.socket.closed) await once(this.socket, 'close')
  }
}
