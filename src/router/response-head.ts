// A response head from a worker, checked and made ready for node:http. A worker is the tenant's and not trusted: what it names
// as status or header is looked at again here.

/** What wsgid calls itself in the Server field; without its version, which is nobody's business. */
export const SERVER = 'wsgid'

/** Ready for writeHead. */
export type ResponseHead = Readonly<{
  status: number
  reason: string
  /** name, value, name, value… with Server */
  headers: readonly string[]
  /** As the application declared it; -1 without. */
  contentLength: number
  hasDate: boolean
  hasHsts: boolean
  /** Status line and headers as they are sent by HTTP/1.1, each line with its end; no empty line. */
  block: string
}>

/** Hop-by-hop headers are the server's (PEP 3333, "Other HTTP Features"; RFC 9110 §7.6.1). A worker refuses them; one that does not is none of ours. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
])

// An application's heads repeat: a look-up saves the split and the checks. Bounded, since heads may hold dates and cookies.
const known = new Map<string, ResponseHead>()
const KNOWN_LIMIT = 512

/**
 * @param text the head of RESPONSE or RESPONSE_HEAD, latin-1 (docs/protocol.md)
 * @returns undefined when the worker sent nonsense, or a 1xx status, which is the server's to send
 */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const remembered = known.get(text)
  if (remembered) return remembered
  const head = parse(text)
  if (head && text.length < 2048) {
    if (known.size >= KNOWN_LIMIT) known.clear()
    known.set(text, head)
  }
  return head
}

function parse(text: string): ResponseHead | undefined {
  const fields = text.split('\0')
  const [code = '', reason = ''] = fields
  if (!/^[2-9][0-9][0-9]$/.test(code) || fields.length % 2 !== 0 || FORBIDDEN.test(text)) return undefined
  const isEmpty = code === '204'
  const headers: string[] = []
  let contentLength = -1
  let hasDate = false
  let hasHsts = false
  let hasServer = false
  let block = `HTTP/1.1 ${code} ${reason}\r\n`
  for (let index = 2; index < fields.length; index += 2) {
    const name = fields[index] ?? ''
    const value = fields[index + 1] ?? ''
    const lower = name.toLowerCase()
    if (!TOKEN.test(name) || HOP_BY_HOP.has(lower)) return undefined
    if (isEmpty && OF_CONTENT.has(lower)) continue
    if (lower === 'content-length') {
      if (!/^[0-9]{1,15}$/.test(value) || (contentLength >= 0 && contentLength !== Number(value))) return undefined
      if (contentLength >= 0) continue
      contentLength = Number(value)
    }
    // Only one of each can be true; the application's comes first.
    if (lower === 'date') {
      if (hasDate) continue
      hasDate = true
    } else if (lower === 'server') {
      if (hasServer) continue
      hasServer = true
    }
    hasHsts ||= lower === 'strict-transport-security'
    headers.push(name, value)
    block += `${name}: ${value}\r\n`
  }
  if (!hasServer) {
    headers.push('Server', SERVER)
    block += `Server: ${SERVER}\r\n`
  }
  return { status: Number(code), reason, headers, contentLength, hasDate, hasHsts, block }
}

/** Must not (Content-Length, RFC 9110 §8.6) or need not come with 204; Apache leaves both out too. */
const OF_CONTENT = new Set(['content-length', 'content-type'])

const FORBIDDEN = /[\x01-\x08\x0a-\x1f\x7f]/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
