// What of a request line node:http does not tell: its parser takes RTSP and ICE for HTTP, and several blanks for one (RFC 9112 §3 wants exactly
// one). Neither changes where a request ends.
import type { Socket } from 'node:net'
import type { ClientRequest } from './client-message.ts'

/** The parser of node:http, with the bytes that it is at; not in its types, and not promised to stay. */
type ParsedSocket = Socket & { readonly parser?: { getCurrentBuffer?: () => Buffer } | null }

/**
 * Why the request line on which a connection begins is none of HTTP/1. To see it costs a microsecond, so that it is looked at once a connection, and
 * only where all of it has come at once; what HTTP does not have at all is found out by isForeign() for every request.
 */
export function oddRequestLine({ method = '', url = '', socket }: ClientRequest): string | undefined {
  const parsed: ParsedSocket = socket
  const bytes = parsed.parser?.getCurrentBuffer?.()
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

const FOREIGN = new Set([
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
