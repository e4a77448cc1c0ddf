// From the request line's target to the path that routes are matched with. Pure.

/** The two halves of a request target, and the authority of one in absolute form; or why it is refused. */
export type Target =
  Readonly<{ path: string; query: string; authority?: string }> | Readonly<{ refused: 400 | 404; why: string }>

/**
 * Splits a request target and decodes its path once, as Apache does in front of mod_wsgi.
 *
 * @param url as in the request line: origin form, or absolute form (RFC 9112 §3.2.2), bytes as latin-1
 * @returns `authority`: that of the absolute form, as sent; `path`: latin-1, begins with "/", runs of "/" collapsed, no "." and ".." segments; `query`: raw, without "?".
 *          400 for a broken escape, NUL, or ".." above the root; 404 for an encoded slash (Apache's AllowEncodedSlashes Off)
 */
export function parseTarget(url: string): Target {
  return url.charCodeAt(0) === SLASH ? parsePath(url) : parseAbsolute(url)
}

function parsePath(target: string): Target {
  const mark = target.indexOf('?')
  const raw = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark + 1)
  // Nearly all paths need nothing: one test instead of four passes.
  if (!NEEDS_WORK.test(raw) && !query.includes('#')) return { path: raw, query }
  if (target.includes('#')) return { refused: 400, why: 'the request target holds a fragment (#)' }
  if (/%2f/i.test(raw)) return { refused: 404, why: 'the path holds an encoded slash' }
  if (/%(?![0-9a-f]{2})/i.test(raw)) return { refused: 400, why: 'the path holds a broken percent escape' }
  const decoded = raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  if (decoded.includes('\0')) return { refused: 400, why: 'the path holds a NUL' }
  const path = withoutDotSegments(decoded)
  return path === undefined ? { refused: 400, why: 'the path leads above the root' } : { path, query }
}

const SLASH = 47
const NEEDS_WORK = /%|\/\/|\/\.|#/

/** RFC 9112 §3.2.2. An authority with user information is refused: it is mostly there to deceive (RFC 9110 §4.2.4). */
function parseAbsolute(url: string): Target {
  const [, authority, rest = ''] = /^https?:\/\/([^/?#@]+)([/?#].*)?$/i.exec(url) ?? []
  if (authority === undefined) return { refused: 400, why: 'the request target is neither a path nor an http URL' }
  const target = parsePath(rest.startsWith('/') ? rest : `/${rest}`)
  return 'refused' in target ? target : { ...target, authority }
}

/** Path and query of a target as the client wrote them: parseTarget took it, so it is one of the two forms. */
export function originForm(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** RFC 3986 §5.2.4, with empty segments dropped too; undefined when ".." leads above the root. */
function withoutDotSegments(path: string): string | undefined {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  const last = segments.at(-1)
  for (const segment of segments) {
    if (segment === '..') {
      if (kept.pop() === undefined) return undefined
    } else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const isDirectory = last === '' || last === '.' || last === '..'
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isDirectory ? '/' : ''}`
}
