// Trailers of a chunked body: read, checked, dropped (RFC 9110 §6.5.1: merging them into the headers is not safe). Pure.

/** Fields that must not come after the body: they would have changed how the request is framed, routed, authenticated or understood. */
const FORBIDDEN = new Set([
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'max-forwards',
  'pragma',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * @param raw name, value, name, value… as the parser gives them
 * @returns why the request is refused, or undefined when all of them may be there
 */
export function forbiddenTrailer(raw: readonly string[]): string | undefined {
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    if (FORBIDDEN.has(name) || name.startsWith('if-') || name.startsWith('x-forwarded-'))
      return `${name} comes as a trailer`
  }
  return undefined
}
