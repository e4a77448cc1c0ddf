// The requests by which a Django and a Flask project are compared. Knows no server.
import { compose, type Probe } from './requests.ts'

const FORM = ['Content-Type: application/x-www-form-urlencoded']
const BOUNDARY = 'the-boundary'

const multipart = [
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="title"\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n`,
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  `${'x'.repeat(100_000)}\r\n--${BOUNDARY}--\r\n`,
].join('')

const post = (target: string, body: string, headers: readonly string[]): string =>
  compose(target, { method: 'POST', headers: [`Content-Length: ${body.length}`, ...headers], body })

/** Requests of one project; its paths end as `slash` says. */
function requestsOf(mount: string, slash: string): readonly Probe[] {
  const at = (path: string): string => `${mount}/${path}${path === '' ? '' : slash}`
  const get = (path: string, ...headers: string[]): string => compose(at(path), { headers })
  const table: Readonly<Record<string, string>> = {
    'the root': get(''),
    'the mount without a slash': compose(mount),
    'a query': compose(`${mount}/?a=1&a=2&b=%C3%BC+%20&c`),
    'headers and cookies': get('', 'Accept-Language: de', 'X-Some-Header: 1', 'Cookie: a=1; b="2 3"; c'),
    'a path with UTF-8': compose(`${mount}/text/gr%C3%BC%C3%9Fe/%E2%82%AC`),
    'a path with latin-1': compose(`${mount}/text/gr%FC%DFe`),
    'a path with spaces and signs': compose(`${mount}/text/a%20b+c;d=e%3Ff%25`),
    'a path with double slashes': compose(`${mount}//text///a//b`),
    HEAD: compose(at(''), { method: 'HEAD' }),
    'HEAD of a stream': compose(at('stream'), { method: 'HEAD' }),
    OPTIONS: compose(at(''), { method: 'OPTIONS' }),
    DELETE: compose(at('body'), { method: 'DELETE' }),
    'a method that is not allowed': compose(at('form'), { method: 'PUT', headers: ['Content-Length: 0'] }),
    'HTTP/1.0': compose(at(''), { version: 'HTTP/1.0' }),
    'HTTP/1.0 of a stream': compose(at('stream'), { version: 'HTTP/1.0' }),
    'a form': post(at('form'), 'a=1&a=2&b=%C3%BC+x', FORM),
    'an upload': post(at('form'), multipart, [`Content-Type: multipart/form-data; boundary=${BOUNDARY}`]),
    'a body': post(at('body'), '{"a": [1, 2]}', ['Content-Type: application/json; charset=utf-8']),
    'an empty body': post(at('body'), '', []),
    'a chunked body': compose(at('body'), {
      method: 'POST',
      headers: ['Transfer-Encoding: chunked'],
      body: '3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n',
    }),
    'cookies that are set': get('cookies'),
    'a session that begins': get('visit'),
    'a redirect': get('redirect'),
    'a stream': get('stream'),
    'a file': get('download'),
    'a file in memory': get('memory'),
    'a part of a file': get('download', 'Range: bytes=10-19'),
    'no content': get('empty'),
    'an exception': get('fail'),
    'a path that does not exist': get('no/such/path'),
  }
  return Object.entries(table).map(([title, bytes]) => ({ title: `${mount}: ${title}`, bytes }))
}

/** Every request to the two projects. */
export const projectProbes: readonly Probe[] = [
  ...requestsOf('/django', '/'),
  { title: '/django: a slash is appended', bytes: compose('/django/form?a=b') },
  { title: '/django: a form without its token', bytes: post('/django/protected/', 'a=1', FORM) },
  { title: '/django: a host that is not allowed', bytes: compose('/django/', { host: 'Host: other.example' }) },
  { title: '/django: a status of its own', bytes: compose('/django/teapot/') },
  ...requestsOf('/flask', ''),
  { title: '/flask: a slash is appended', bytes: compose('/flask/slash?a=b') },
  { title: '/flask: JSON', bytes: post('/flask/json', '{"a": "\\u00fc"}', ['Content-Type: application/json']) },
  { title: '/flask: broken JSON', bytes: post('/flask/json', '{"a"', ['Content-Type: application/json']) },
  ...[400, 401, 403, 404, 409, 413, 418, 503].map((status) => ({
    title: `/flask: an answer of ${status}`,
    bytes: compose(`/flask/abort/${status}`),
  })),
]
