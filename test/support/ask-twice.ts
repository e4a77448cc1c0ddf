// One request to a server, and what two servers must agree on in the answer. Knows neither server.
import { createHash } from 'node:crypto'
import { basicLogin, isRecord, request } from './http.ts'
import { requestHttps } from './secure-http.ts'

export type Ask = Readonly<{
  path: string
  method?: string
  /** Of a virtual host. */
  host?: string
  /** By https, with this certificate's text. */
  ca?: string
  /** user:password for Basic. */
  login?: string
  /** user:password for Digest. */
  digest?: string
}>

/** Where a server answers: what has no host, virtual hosts, and https. */
export type Bases = Readonly<{ main: string; names: string; secure: string }>

/** Variables that applications see. */
const compared = [
  ...['SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'REQUEST_URI', 'SCRIPT_FILENAME', 'REMOTE_USER', 'AUTH_TYPE', 'who'],
  ...['trac.env_path', 'trac.env_parent_dir', 'trac.env_index_template', 'trac.template_vars', 'trac.locale'],
  ...['os.TRAC_ENV', 'os.OTHER_EGGS', 'os.PYTHON_EGG_CACHE', 'os.TRAC_ENV_PARENT_DIR', 'os.TRAC_ENV_INDEX_TEMPLATE'],
  ...['mod_wsgi.process_group', 'mod_wsgi.callable_object', 'sys.prefix', 'wsgi.url_scheme'],
]

/** Status, and what the application told, or the body that is not an application's. */
export async function answerOf(bases: Bases, ask: Ask) {
  const { status, headers, text } = await answered(bases, ask)
  const { location, 'www-authenticate': challenge } = headers
  const told: unknown = headers['content-type'] === 'application/json' ? JSON.parse(text) : {}
  const { uid, poolable, environ } = isRecord(told) ? told : {}
  const variables = isRecord(environ) ? environ : null
  return {
    ...{ path: ask.path, status, location, uid, poolable },
    login: /^(\w+).*realm="([^"]*)"/.exec(String(challenge))?.slice(1),
    variables: variables && Object.fromEntries(compared.map((name) => [name, variables[name]])),
    // Of an interpreter of its own the name has a port in it.
    applicationGroup: String(variables?.['mod_wsgi.application_group']).replace(/^.*\|/, '|'),
    remembered: Array.from(String(variables?.['remembered'])).sort().join(''),
    body: status === 200 && variables === null ? text : undefined,
  }
}

async function answered(bases: Bases, ask: Ask) {
  const { path, host, ca, method = 'GET', login } = ask
  const headers = {
    ...(host !== undefined && { Host: host }),
    ...(login !== undefined && { Authorization: basicLogin(login) }),
    ...(ask.digest !== undefined && { Authorization: await digestOf(bases, { ...ask, digest: ask.digest }) }),
  }
  if (ca !== undefined) return requestHttps(new URL(path, bases.secure).href, { ca, servername: host ?? '', headers })
  return request(new URL(path, host === undefined ? bases.main : bases.names).href, {
    method,
    headers,
    timeoutMs: 30_000,
  })
}

/** Answers the challenge that comes without it (RFC 7616, MD5 with qop=auth). */
async function digestOf(bases: Bases, { path, digest }: Ask & { digest: string }): Promise<string> {
  const { headers } = await request(new URL(path, bases.main).href)
  const challenges = String(headers['www-authenticate'])
  const parameters = /Digest ((?!.*SHA-256).*?)(?:, Digest|$)/.exec(challenges)?.[1] ?? challenges
  const [realm = '', nonce = ''] = ['realm', 'nonce'].map(
    (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(parameters)?.[1],
  )
  const [, opaque] = /\bopaque="([^"]*)"/.exec(parameters) ?? []
  const [user = '', password = ''] = digest.split(':')
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
  const response = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:00000001:c0ffee:auth:${md5(`GET:${path}`)}`)
  return (
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${path}", algorithm=MD5, qop=auth, nc=00000001, ` +
    `cnonce="c0ffee", response="${response}"${opaque === undefined ? '' : `, opaque="${opaque}"`}`
  )
}
