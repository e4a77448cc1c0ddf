// Who is at the two ends of a client's connection: by the kernel, or by the PROXY header that came first on it. Found out once a connection.
import type { Socket } from 'node:net'

/** Numeric addresses, IPv4 without the prefix it has on an IPv6 socket; "" and null on a Unix socket. */
export type Peer = Readonly<{
  address: string
  port: number | null
  localAddress: string
  localPort: number | null
}>

const peer = Symbol('who is at the other end')
/** `_parent`: the connection beneath a TLS socket. */
export type ClientSocket = Socket & { [peer]?: Peer; _parent?: ClientSocket }

/** Who is at the ends of this connection; also when it is closed, if it was asked before. */
export function peerOf(socket: ClientSocket): Peer {
  const known = socket[peer]
  if (known !== undefined) return known
  const found = socket._parent?.[peer] ?? peerByKernel(socket)
  socket[peer] = found
  return found
}

/** Who it is by the word of the proxy in front. */
export function introduce(socket: ClientSocket, introduced: Peer): void {
  socket[peer] = introduced
}

function peerByKernel({ remoteAddress, remotePort, localAddress, localPort }: Socket): Peer {
  return {
    address: plainAddress(remoteAddress),
    port: remotePort ?? null,
    localAddress: plainAddress(localAddress),
    localPort: localPort ?? null,
  }
}

/** An address without the prefix of IPv4 on an IPv6 socket; "" for a Unix socket. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return ''
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
