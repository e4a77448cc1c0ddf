// What of a request line Node's parser does not tell: it takes RTSP and ICE for HTTP, and several blanks for one (RFC 9112 §3 wants exactly
// one). Neither changes where a request ends.
import type { ClientRequest } from './client-message.ts'

/**
 * Why the request line on which a connection begins is none of HTTP/1. To see it costs a microsecond, so that it is looked at once a connection, and
 * only where all of it has come at once; what HTTP does not have at all is found out by isForeign() for every request.
 */
export function oddRequestLine({ method = '', url = '', socket, bytes }: ClientRequest): string | undefined {
  if (bytes === undefined || bytes.length !== socket.bytesRead) return undefined
  const expected = `${method} ${url} HTTP/`
  let start = 0
  while (bytes[start] === CR || bytes[start] === LF) start += 1
  const line = bytes.toString('latin1', start, start + expected.length)
  return line === expected ? undefined : 'the request line is not method, target and version of HTTP, by one blank each'
}

const CR = 13
const LF = 10

/** A method that the parser knows from RTSP or Icecast. */
export function isForeign(method: string): boolean {
  return FOREIGN.has(method)
}

/** Methods that the parser knows from RTSP or Icecast. */
export const FOREIGN: ReadonlySet<string> = new Set([
  ...[
    'ANNOUNCE',
    'DESCRIBE',
    'FLUSH',
    'GET_PARAMETER',
    'PAUSE',
    'PLAY',
    'RECORD',
    'REDIRECT',
    'SETUP',
    'SET_PARAMETER',
  ],
  ...['TEARDOWN', 'SOURCE'],
])
