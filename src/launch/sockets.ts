// Sockets that the supervisor binds and holds but never accepts on: the only place that touches Node's internal socket handles.
//
// Node's public API knows no bound socket without a listener: net.Server accepts as soon as it listens, and the supervisor must neither
// parse nor hold clients. The handles beneath it can be bound and then handed on: to a router as a message, to a worker as an
// inherited descriptor. The supervisor's copy keeps socket and backlog alive while a router or worker is replaced.
// `process.binding` is what Node's own cluster module stands on; docs/decisions/ says what else was tried.
import type { ChildProcess, SendHandle } from 'node:child_process'
import { getSystemErrorName } from 'node:util'

/** A bound socket of the supervisor's; `fd` for a child that inherits it. Closing a path's socket removes the path. */
export type BoundSocket = Readonly<{ fd: number; handle: NativeHandle; close: () => void }>

type NativeHandle = { readonly fd: number; close(): void }
type TcpHandle = NativeHandle & {
  bind(address: string, port: number): number
  bind6(address: string, port: number, flags: number): number
  open(fd: number): number
  getsockname(out: { address?: string; port?: number }): number
}
type PipeHandle = NativeHandle & { bind(path: string): number; open(fd: number): number }
type Binding<Name extends string, Handle> = Record<Name, new (type: number) => Handle> & {
  constants: { SERVER: number }
}

// The one decode of this file: the shapes are Node's, checked by sockets.test.ts on every Node that CI runs.
const internals = process as unknown as { binding(name: string): unknown }
const tcp = internals.binding('tcp_wrap') as Binding<'TCP', TcpHandle>
const pipe = internals.binding('pipe_wrap') as Binding<'Pipe', PipeHandle>

/** A system call that failed; `code` as in "EADDRINUSE". */
export class SocketError extends Error {
  readonly code: string

  constructor(code: string, what: string) {
    super(`${what}: ${code}`)
    this.code = code
  }
}

/** UV_TCP_IPV6ONLY: 0.0.0.0:80 and [::]:80 can be given side by side. */
const ipv6Only = 1

/**
 * Binds a TCP socket.
 *
 * @param host a numeric IPv4 or IPv6 address
 * @param port 0: the kernel chooses
 * @returns the socket and the port that it has
 * @throws SocketError, EADDRINUSE among others
 */
export function bindTcp(host: string, port: number): BoundSocket & { port: number } {
  const handle = new tcp.TCP(tcp.constants.SERVER)
  const what = `cannot bind ${host} port ${port}`
  const status = host.includes(':') ? handle.bind6(host, port, ipv6Only) : handle.bind(host, port)
  // libuv keeps EADDRINUSE back until the next call on the handle.
  const name: { address?: string; port?: number } = {}
  checked(handle, what, status === 0 ? handle.getsockname(name) : status)
  return { ...bound(handle), port: name.port ?? port }
}

/**
 * Binds a Unix socket at a path that must not exist.
 *
 * @throws SocketError, EADDRINUSE when the path exists
 */
export function bindPath(path: string): BoundSocket {
  const handle = new pipe.Pipe(pipe.constants.SERVER)
  checked(handle, `cannot bind ${path}`, handle.bind(path))
  return bound(handle)
}

/** Sends a message with a copy of a bound socket; the child gets a handle that `server.listen` takes. `done` as for `child.send`. */
export function sendSocket(child: ChildProcess, message: object, socket: BoundSocket, done: () => void): void {
  // child.send takes such handles ("net.Native" in Node's source), its types do not.
  child.send(message, socket.handle as unknown as SendHandle, done)
}

function bound(handle: NativeHandle): BoundSocket {
  return { fd: handle.fd, handle, close: () => handle.close() }
}

function checked(handle: NativeHandle, what: string, status: number): void {
  if (status === 0) return
  handle.close()
  throw new SocketError(getSystemErrorName(status), what)
}

/**
 * Takes over a socket that systemd has bound for this process (sd_listen_fds(3)).
 *
 * @param name FileDescriptorName= of the socket unit
 * @returns the socket, and its address when it is a TCP one
 * @throws Error when no such socket was passed
 */
export function inheritedSocket(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
): { socket: BoundSocket; address: { host: string; port: number } | null } {
  const names =
    environment['LISTEN_PID'] === String(process.pid) ? (environment['LISTEN_FDNAMES'] ?? '').split(':') : []
  const index = names.indexOf(name)
  if (index === -1) throw new Error(`systemd passed no socket named "${name}": check Sockets= and FileDescriptorName=`)
  const fd = firstInheritedFd + index
  const handle = new tcp.TCP(tcp.constants.SERVER)
  const address: { address?: string; port?: number } = {}
  if (handle.open(fd) === 0 && handle.getsockname(address) === 0 && address.address !== undefined) {
    return { socket: bound(handle), address: { host: address.address, port: address.port ?? 0 } }
  }
  const path = new pipe.Pipe(pipe.constants.SERVER)
  checked(path, `cannot use the socket "${name}" that systemd passed`, path.open(fd))
  return { socket: bound(path), address: null }
}

/** SD_LISTEN_FDS_START. */
const firstInheritedFd = 3
