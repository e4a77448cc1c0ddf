// The two halves of a route as people write them: where an application is mounted, and for which hosts.
// Knows no other route: whether two collide is the plan's business.

/**
 * Reads a mount.
 *
 * @param written "/" or a path that begins with "/": printable ASCII as it reads after decoding, without trailing slash, empty,
 *                "." or ".." segments, query or fragment
 * @returns the prefix as SCRIPT_NAME has it ("" for the root of the site), or undefined
 */
export function parseMount(written: string): string | undefined {
  if (written === '/') return ''
  if (!/^\/[\x21-\x7e]*$/.test(written) || /[?#\\]/.test(written)) return undefined
  const segments = written.slice(1).split('/')
  return segments.some((segment) => ['', '.', '..'].includes(segment)) ? undefined : written
}

/** Among `hosts`: whatever host no other application answers for. */
export const anyHost = '*'

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const hostPattern = new RegExp(`^(?:(?:\\*\\.)?${label}(?:\\.${label})*|\\[[0-9a-f:.]+\\])$`)

/**
 * Reads a host to answer for.
 *
 * @param written an exact name, "*.example.org", or an IPv6 address in brackets; ASCII, any case, without a port
 * @returns the host in lower case, or undefined
 */
export function parseHost(written: string): string | undefined {
  const host = written.toLowerCase()
  return host.length <= 253 && hostPattern.test(host) ? host : undefined
}
