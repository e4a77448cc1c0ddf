// Where clients of an alias are sent: the same URL on the host that it stands for.
import type { ClientRequest } from './client-message.ts'
import { TLSSocket } from 'node:tls'
import { splitHost, type RequestFacts } from './request-head.ts'
import { originForm } from './request-target.ts'

/**
 * Scheme, port, path and query stay. 301 where clients repeat the request as it was, which they do with GET and HEAD; 308 makes them do so with
 * the others (RFC 9110 §15.4.9).
 */
export function aliasRedirection(
  to: string,
  { method = '', url = '/', socket }: ClientRequest,
  { host, origin }: Pick<RequestFacts, 'host' | 'origin'>,
): Readonly<{ status: number; location: string }> {
  const { port } = splitHost(host)
  const scheme = origin?.scheme ?? (socket instanceof TLSSocket ? 'https' : 'http')
  return {
    status: method === 'GET' || method === 'HEAD' ? 301 : 308,
    location: `${scheme}://${to}${port === '' ? '' : `:${port}`}${originForm(url)}`,
  }
}
