// What is known of a request when it is over, told once for each, when somebody wants to know: access logs live on it. Decides nothing.
import type { EndCause } from '../protocol/request-counts.ts'
import type { ClientSocket } from './peer.ts'
import { peerOf } from './peer.ts'

/** One request that was answered or broken off. Texts are bytes as latin-1, as the client sent them. */
export type RequestEnd = Readonly<{
  requestId: string
  /** By the name that people know; null: it came to no group. */
  group: string | null
  /** "" for all three when the request line could not be read. */
  method: string
  target: string
  /** "HTTP/1.1" */
  protocol: string
  /** Name and value in turn. */
  rawHeaders: readonly string[]
  /** Address of the client, behind trusted proxies too; "" on a Unix socket. */
  client: string
  /** Host header, or what a trusted proxy says in its place; "" without. */
  host: string
  /** Who was authenticated; null: nobody. */
  user: string | null
  /** null: nothing was answered. */
  status: number | null
  /** Of the body, as far as handed to the client's connection. */
  bytes: number
  /** performance.now() */
  arrivedAt: number
  endedAt: number
  /** From when it was complete enough for a worker until it was sent to one; null: it was never meant for one. */
  queueMs: number | null
  /** How long the application ran, as its worker measured it; null: unknown. */
  applicationMs: number | null
  /** Of the worker that had it last; null: none had. */
  workerPid: number | null
  cause: EndCause
}>

/** Where ends are told; null as long as nobody wants to know, which then costs nothing. */
export type RequestEnds = { tell: ((end: RequestEnd) => void) | null }

/** A request that came to no group: not routed, or not even readable. */
export function endWithoutGroup(
  socket: ClientSocket,
  known: Readonly<{ requestId: string; status: number; bytes: number }> & Partial<RequestEnd>,
): RequestEnd {
  const now = performance.now()
  return {
    group: null,
    method: '',
    target: '',
    protocol: '',
    rawHeaders: [],
    client: peerOf(socket).address,
    host: '',
    user: null,
    arrivedAt: now,
    endedAt: now,
    queueMs: null,
    applicationMs: null,
    workerPid: null,
    cause: 'refused',
    ...known,
  }
}

/** Why wsgid itself answered with this status. */
export function causeOfStatus(status: number): EndCause {
  if (status === 500 || status === 502) return 'failed'
  return status === 504 || status === 408 ? 'timeout' : 'refused'
}
