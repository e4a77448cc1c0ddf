// The head of a response as HTTP/1 sends it: status line, fields, and how the client will know where the body ends. Pure, but for the clock.
import { dateField } from './date-field.ts'

/** What the response is to. */
type Asked = Readonly<{ method: string; httpVersionMinor: number }>

/** How a response begins, and how its body is to be written. */
export type Http1Head = Readonly<{
  /** With the empty line, latin-1. */
  text: string
  hasBody: boolean
  isChunked: boolean
  /** False: the connection's end is the body's, or was asked for. */
  keepsAlive: boolean
}>

/**
 * Makes the head of a response. Without a length of its own the body is chunked, or ends with the connection in HTTP/1.0 (RFC 9112 §6.3).
 *
 * @param fields     name and value in turn, without those that are about the connection
 * @param keepsAlive whether the connection may go on
 * @throws TypeError when a name or a value would end its line, or is not latin-1
 */
export function http1Head(
  { method, httpVersionMinor }: Asked,
  { status, reason, fields }: Readonly<{ status: number; reason: string; fields: readonly string[] }>,
  keepsAlive: boolean,
): Http1Head {
  const hasBody = method !== 'HEAD' && status !== 204 && status !== 304
  let hasLength = false
  let hasDate = false
  let text = `HTTP/1.1 ${status} ${checked(reason)}\r\n`
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    const lower = name.toLowerCase()
    if (lower === 'content-length') hasLength = true
    else if (lower === 'date') hasDate = true
    text += `${checked(name)}: ${checked(fields[index + 1] ?? '')}\r\n`
  }
  if (!hasDate) text += dateField()
  const isChunked = hasBody && !hasLength && httpVersionMinor === 1
  if (isChunked) text += 'Transfer-Encoding: chunked\r\n'
  const goesOn = keepsAlive && (!hasBody || hasLength || isChunked)
  text += connectionField(httpVersionMinor, goesOn)
  return { text: `${text}\r\n`, hasBody, isChunked, keepsAlive: goesOn }
}

/** Only what is not so by itself (RFC 9112 §9.3). @returns a whole line, or nothing */
export function connectionField(httpVersionMinor: number, keepsAlive: boolean): string {
  if (!keepsAlive) return 'Connection: close\r\n'
  return httpVersionMinor === 0 ? 'Connection: keep-alive\r\n' : ''
}

function checked(text: string): string {
  if (UNSENDABLE.test(text)) throw new TypeError(`it cannot stand in the head of a response: ${JSON.stringify(text)}`)
  return text
}

const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/
