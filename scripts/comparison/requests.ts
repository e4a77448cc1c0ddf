// The requests whose environ is compared: bytes as they go over TCP, so that odd ones are possible. Knows no server.

/** One request. `differs` is given where the two servers answer with different status codes, and says why that is meant. */
export type Probe = Readonly<{
  title: string
  bytes: string
  differs?: Readonly<{ apache: number; wsgid: number; why: string }>
}>

type Parts = Readonly<{ method?: string; version?: string; host?: string; headers?: readonly string[]; body?: string }>

/** Composes a request that closes its connection; bytes as latin-1 text. */
export function compose(target: string, parts: Parts = {}): string {
  const { method = 'GET', version = 'HTTP/1.1', host = 'Host: compare.example', headers = [], body = '' } = parts
  const fields = [host, ...headers, 'Connection: close'].filter((field) => field !== '')
  return `${method} ${target} ${version}\r\n${fields.join('\r\n')}\r\n\r\n${body}`
}

const probe = (title: string, target: string, parts: Parts = {}): Probe => ({ title, bytes: compose(target, parts) })

/** A request that wsgid refuses with 400, and why; `apache` is what Apache does with it. */
const refused = (one: Probe, why: string, apache = 200): Probe => ({ ...one, differs: { apache, wsgid: 400, why } })

const post = (body: string, headers: readonly string[] = []): Parts => ({
  method: 'POST',
  headers: [`Content-Length: ${body.length}`, ...headers],
  body,
})

const chunked = (chunks: string): Parts => ({ method: 'POST', headers: ['Transfer-Encoding: chunked'], body: chunks })

const paths: readonly Probe[] = [
  probe('the root', '/'),
  probe('a path of the root application', '/some/path'),
  probe('a trailing slash', '/some/path/'),
  probe('a mount', '/mounted'),
  probe('a mount with a trailing slash', '/mounted/'),
  probe('below a mount', '/mounted/some/path'),
  probe('beside a mount', '/mountedx'),
  probe('a mount inside of a mount', '/mounted/deeper/path'),
  probe('the inner mount itself', '/mounted/deeper'),
  probe('a mount with another case', '/Mounted/path'),
  probe('double slashes', '//some//path//'),
  probe('double slashes around a mount', '//mounted//some//path'),
  probe('double slashes inside of a mount', '/mounted//deeper//path'),
  probe('dot segments', '/some/./other/../path'),
  probe('dot segments that leave a mount', '/mounted/../path'),
  probe('dot segments that lead into a mount', '/x/../mounted/y'),
  probe('a dot segment at the end', '/some/path/..'),
  probe('encoded dot segments', '/some/%2e/other/%2E%2e/path'),
  probe('dots that are no segments', '/.hidden/..x/...'),
  probe('dot segments above the root', '/../path'),
]

const encodings: readonly Probe[] = [
  probe('an encoded space', '/a%20b'),
  probe('UTF-8, encoded', '/gr%C3%BC%C3%9Fe/%E2%82%AC'),
  probe('latin-1, encoded', '/gr%FC%DFe'),
  refused(probe('UTF-8 as bytes', '/gr\xc3\xbc\xc3\x9fe'), 'RFC 9112 §3.2: a target is ASCII'),
  probe('an encoded letter in a mount', '/%6dounted/path'),
  probe('a doubly encoded letter stays encoded once', '/a%2541'),
  probe('an encoded percent sign', '/100%25'),
  probe('an encoded question mark', '/a%3Fb?c=d'),
  probe('an encoded semicolon and a plain one', '/a%3Bb;c=d'),
  probe('a plus sign', '/a+b?c+d'),
  probe('encoded control characters', '/a%0Ab%09c%7F'),
  probe('an encoded slash', '/a%2Fb'),
  probe('an encoded backslash', '/a%5Cb'),
  refused(probe('an encoded NUL', '/a%00b'), 'a path with a NUL is nobody’s', 404),
  probe('a broken escape', '/a%zzb'),
  probe('an escape that ends too early', '/a%2'),
]

const queries: readonly Probe[] = [
  probe('a query', '/path?a=1&b=2'),
  probe('an empty query', '/path?'),
  probe('a query with encodings', '/path?q=%C3%BC%20%2F%00'),
  probe('a query with a question mark and slashes', '/path?a=//?b=/../c'),
  probe('a query on a mount', '/mounted?x'),
  refused(probe('a query of bytes', '/path?q=\xc3\xbc'), 'RFC 9112 §3.2: a target is ASCII'),
  probe('a query with a broken escape', '/path?q=%zz'),
]

const methods: readonly Probe[] = [
  probe('HEAD', '/path', { method: 'HEAD' }),
  probe('OPTIONS', '/path', { method: 'OPTIONS' }),
  probe('DELETE', '/path', { method: 'DELETE' }),
  probe('PROPFIND', '/path', { method: 'PROPFIND' }),
  probe('PATCH without a body', '/path', { method: 'PATCH', headers: ['Content-Length: 0'] }),
]

const bodies: readonly Probe[] = [
  probe('POST with a body', '/path', post('a=1&b=2', ['Content-Type: application/x-www-form-urlencoded'])),
  probe('POST of nothing', '/path', post('')),
  probe('POST without a length', '/path', { method: 'POST' }),
  probe('POST without a type', '/path', post('some bytes \x00\xff')),
  probe('a type with parameters', '/path', post('{}', ['Content-Type: Application/JSON ; Charset="utf-8"'])),
  probe('PUT with a large body', '/path', { ...post('x'.repeat(100_000)), method: 'PUT' }),
  probe('a chunked body', '/path', chunked('3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n')),
  probe(
    'a chunked body with an extension and a trailer',
    '/path',
    chunked('3;a=b\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n'),
  ),
  probe('an empty chunked body', '/path', chunked('0\r\n\r\n')),
  probe('GET with a body', '/path', { headers: ['Content-Length: 3'], body: 'abc' }),
]

const withHeaders = (...headers: string[]): Parts => ({ headers })

const fields: readonly Probe[] = [
  probe(
    'headers of a browser',
    '/path',
    withHeaders(
      'User-Agent: Mozilla/5.0 (X11)',
      'Accept: text/html,*/*;q=0.8',
      'Accept-Language: de',
      'Referer: http://compare.example/',
    ),
  ),
  probe('a header twice', '/path', withHeaders('X-Twice: 1', 'X-Twice: 2')),
  probe('a header three times, in different cases', '/path', withHeaders('X-Thrice: 1', 'x-thrice: 2', 'X-THRICE: 3')),
  probe('an empty header', '/path', withHeaders('X-Empty:')),
  probe('a header with spaces around and inside', '/path', withHeaders('X-Spaces: \t a  b \t ')),
  probe('a header with an underscore', '/path', withHeaders('X_Forged: 1', 'X-Good: 2')),
  probe('a header with odd characters in its name', '/path', withHeaders('X.Dot: 1', "X'Quote: 2", 'X~: 3', '1: 4')),
  probe('Proxy', '/path', withHeaders('Proxy: http://evil.example')),
  probe('bytes beyond ASCII in a header', '/path', withHeaders('X-Bytes: \xc3\xbc\xff')),
  probe('one cookie', '/path', withHeaders('Cookie: a=1; b="2"')),
  probe('cookies in two headers', '/path', withHeaders('Cookie: a=1', 'Cookie: b=2')),
  probe('Authorization', '/path', withHeaders('Authorization: Basic YTpi')),
  probe('Proxy-Authorization', '/path', withHeaders('Proxy-Authorization: Basic YTpi')),
  probe(
    'conditions and ranges',
    '/path',
    withHeaders('If-None-Match: "a"', 'If-Modified-Since: Sat, 21 Nov 2026 00:00:00 GMT', 'Range: bytes=0-1'),
  ),
  probe(
    'headers that proxies send',
    '/path',
    withHeaders('Via: 1.1 x', 'X-Request-Id: 7', 'TE: trailers', 'Max-Forwards: 3'),
  ),
  probe(
    'names that a CGI variable has',
    '/path',
    withHeaders('Path-Info: /evil', 'Script-Name: /evil', 'Remote-User: evil', 'Https: on'),
  ),
  probe(
    'Content-Type and Content-Length under other names',
    '/path',
    withHeaders('Content-MD5: x', 'Content-Encoding: identity'),
  ),
]

const ONE_IS_WRONG = 'one of the two is wrong; who reads the first and who reads the last would see different requests'

const lines: readonly Probe[] = [
  probe('HTTP/1.0', '/path', { version: 'HTTP/1.0' }),
  probe('HTTP/1.0 without Host', '/path', { version: 'HTTP/1.0', host: '' }),
  probe('HTTP/1.1 without Host', '/path', { host: '' }),
  probe('a host with a port', '/path', { host: 'Host: compare.example:8080' }),
  probe('a host in capitals', '/path', { host: 'Host: Compare.EXAMPLE' }),
  probe('a host that is an address', '/path', { host: 'Host: 127.0.0.1' }),
  probe('a host that is an IPv6 address', '/path', { host: 'Host: [::1]:8080' }),
  probe('an absolute target', 'http://compare.example/path?x=1'),
  probe('an absolute target without a path', 'http://compare.example'),
  probe('two hosts', '/path', withHeaders('Host: other.example')),
  refused(probe('two types', '/path', post('', ['Content-Type: a/b', 'Content-Type: c/d'])), ONE_IS_WRONG),
  refused(
    probe('two authorizations', '/path', withHeaders('Authorization: Basic YTpi', 'Authorization: Basic YTpj')),
    ONE_IS_WRONG,
  ),
]

/** Every request, in the order in which it is sent. */
export const probes: readonly Probe[] = [...paths, ...encodings, ...queries, ...methods, ...bodies, ...fields, ...lines]
