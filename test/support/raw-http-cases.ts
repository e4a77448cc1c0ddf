// Requests as bytes, and what they are answered with. Expected answers are "STATUS" for pages of wsgid, "STATUS TEXT" for the witness application,
// which says method, path, query and [body]. `ends`: whether the connection is closed after the answers or takes another request.

export type Case = Readonly<{
  what: string
  send: string
  answers: readonly string[]
  ends: 'open' | 'closed'
  /** The answers are to HEAD. */
  head?: boolean
}>

type Ends = Case['ends']

const host = 'Host: x\r\n'
/** Never to be run: it stands where only a server that is confused finds a request. */
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

/** A GET with these header lines besides Host. */
const get = (lines: string, path = '/'): string => `GET ${path} HTTP/1.1\r\n${host}${lines}\r\n`
/** A POST with these header lines besides Host, and what follows them. */
const post = (lines: string, rest = ''): string => `POST / HTTP/1.1\r\n${host}${lines}\r\n${rest}`
const chunkedPost = (body: string, path = '/'): string =>
  `POST ${path} HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${body}`

/** One answer and how it ends, for many requests. */
const all = (answer: string, ends: Ends, requests: Readonly<Record<string, string>>): Case[] =>
  Object.entries(requests).map(([what, send]) => ({ what, send, answers: [answer], ends }))

/** Broken requests: 400, closed, and what follows is not run. */
const refused = (requests: Readonly<Record<string, string>>): Case[] =>
  Object.entries(requests).map(([what, send]) => ({ what, send: send + smuggled, answers: ['400'], ends: 'closed' }))

export const cases: Readonly<Record<string, readonly Case[]>> = {
  'request line': [
    ...all('200 GET / []', 'open', {
      'HTTP/1.1': get(''),
      'an empty line before it': `\r\n${get('')}`,
      'several empty lines before it': `\r\n\r\n\r\n${get('')}`,
      'the root as absolute form': get('', 'http://x'),
      'the root with a slash as absolute form': get('', 'http://x/'),
      'https in the absolute form': get('', 'https://x/'),
      'a scheme in capitals': get('', 'HTTP://x/'),
    }),
    ...all('200 GET / []', 'closed', {
      'HTTP/1.0 without Host': 'GET / HTTP/1.0\r\n\r\n',
      'HTTP/1.0 with Host': `GET / HTTP/1.0\r\n${host}\r\n`,
    }),
    ...all('200 GET /a?b=c []', 'open', {
      'a query': get('', '/a?b=c'),
      'a query in the absolute form': get('', 'http://x/a?b=c'),
      'dot segments': get('', '/./x/../a?b=c'),
      'runs of slashes': get('', '///a?b=c'),
    }),
    ...all('200 GET /a" []', 'open', { 'an escaped quote': get('', '/a%22') }),
    ...all('200 GET /?a"<>^`{|} []', 'open', { 'characters that should have been escaped': get('', '/?a"<>^`{|}') }),
    ...all('404', 'open', { 'an escaped slash': get('', '/a%2Fb') }),
    { what: 'OPTIONS *', send: `OPTIONS * HTTP/1.1\r\n${host}\r\n`, answers: ['200'], ends: 'open' },
    {
      what: 'OPTIONS of a path',
      send: `OPTIONS /a HTTP/1.1\r\n${host}\r\n`,
      answers: ['200 OPTIONS /a []'],
      ends: 'open',
    },
    ...['PUT', 'DELETE', 'PATCH', 'PROPFIND', 'REPORT', 'TRACE', 'M-SEARCH'].map((method): Case => ({
      what: `the method ${method}`,
      send: `${method} /a HTTP/1.1\r\n${host}\r\n`,
      answers: [`200 ${method} /a []`],
      ends: 'open',
    })),
    ...refused({
      'HTTP/0.9': 'GET /\r\n\r\n',
      'HTTP/0.9, said so': 'GET / HTTP/0.9\r\n\r\n',
      'HTTP/1.2': `GET / HTTP/1.2\r\n${host}\r\n`,
      'HTTP/1.11': `GET / HTTP/1.11\r\n${host}\r\n`,
      'HTTP/2.0': `GET / HTTP/2.0\r\n${host}\r\n`,
      'HTTP/3.0': `GET / HTTP/3.0\r\n${host}\r\n`,
      'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'a protocol in small letters': `GET / http/1.1\r\n${host}\r\n`,
      'another protocol': `GET / HTTPS/1.1\r\n${host}\r\n`,
      'no protocol but a blank': 'GET / \r\n\r\n',
      'a method in small letters': `get / HTTP/1.1\r\n${host}\r\n`,
      'a method that nobody knows': `FOO / HTTP/1.1\r\n${host}\r\n`,
      'a blank before it': ` GET / HTTP/1.1\r\n${host}\r\n`,
      'two blanks before the target': `GET  / HTTP/1.1\r\n${host}\r\n`,
      'two blanks after the target': `GET /  HTTP/1.1\r\n${host}\r\n`,
      'two blanks behind an empty line': `\r\nGET  / HTTP/1.1\r\n${host}\r\n`,
      'the method of another protocol': `DESCRIBE / RTSP/1.0\r\n${host}\r\n`,
      'OPTIONS * of another protocol': `OPTIONS * RTSP/1.0\r\n${host}\r\n`,
      'RTSP/1.0': `GET / RTSP/1.0\r\n${host}\r\n`,
      'RTSP/1.1': `POST / RTSP/1.1\r\n${host}Content-Length: 0\r\n\r\n`,
      'ICE/1.0': `SOURCE / ICE/1.0\r\n${host}\r\n`,
      'SOURCE, which HTTP does not have': `SOURCE / HTTP/1.1\r\n${host}\r\n`,
      'a tab as separator': `GET\t/ HTTP/1.1\r\n${host}\r\n`,
      'a blank after it': `GET / HTTP/1.1 \r\n${host}\r\n`,
      'a blank in the target': get('', '/a b'),
      'a tab in the target': get('', '/a\tb'),
      'NUL in the target': get('', '/a\0b'),
      'a control character in the target': get('', '/a\x01b'),
      'DEL in the target': get('', '/a\x7fb'),
      'a byte beyond ASCII in the target': get('', '/a\xffb'),
      'a fragment': get('', '/a#b'),
      'a fragment in the query': get('', '/a?b#c'),
      'GET *': get('', '*'),
      'a target without a slash': get('', 'a'),
      'a target that is a query': get('', '?a'),
      'another scheme': get('', 'ftp://x/'),
      'user information in the target': get('', 'http://me@x/'),
      'no authority in the absolute form': get('', 'http:///a'),
      'an authority that is no host': get('', 'http://a,b/'),
      'an escaped NUL': get('', '/a%00'),
      'a broken escape': get('', '/a%2'),
      'an escape that is none': get('', '/a%zz'),
      'a path above the root': get('', '/a/../../b'),
      'an escaped path above the root': get('', '/%2e%2e/b'),
      'a bare LF after it': `GET / HTTP/1.1\n${host}\r\n`,
      'a bare CR after it': `GET / HTTP/1.1\r${host}\r\n`,
      'bytes of TLS': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      nonsense: 'hello\r\n\r\n',
    }),
  ],
  'header fields': [
    ...all('200 b', 'open', {
      'blanks around a value': get('A:   b  \r\n', '/variable?HTTP_A'),
      'tabs around a value': get('A:\tb\t\r\n', '/variable?HTTP_A'),
      'no blank before a value': get('A:b\r\n', '/variable?HTTP_A'),
      'a name in capitals': `GET /variable?HTTP_A HTTP/1.1\r\nHOST: x\r\nA: b\r\n\r\n`,
    }),
    ...all('200 b, c', 'open', { 'a repeated one is joined': get('A: b\r\nA: c\r\n', '/variable?HTTP_A') }),
    ...all('200 b; c', 'open', {
      'a repeated cookie is joined': get('Cookie: b\r\nCookie: c\r\n', '/variable?HTTP_COOKIE'),
    }),
    ...all('200 \xe9', 'open', { 'a byte beyond ASCII in a value': get('A: \xe9\r\n', '/variable?HTTP_A') }),
    ...all('200 none', 'open', {
      'Proxy is dropped': get('Proxy: b\r\n', '/variable?HTTP_PROXY'),
      'a name with an underscore is dropped': get('A_B: b\r\n', '/variable?HTTP_A_B'),
      'an unusual name is dropped': get("A!#$%&'*+.^`|~: b\r\n", "/variable?HTTP_A!#$%&'*+.^`|~".replace('#', '%23')),
    }),
    ...refused({
      'a bare LF between fields': 'GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n',
      'a bare LF at the end': 'GET / HTTP/1.1\r\nHost: x\r\n\n',
      'bare LFs all over': 'GET / HTTP/1.1\nHost: x\n\n',
      'a bare CR between fields': 'GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n',
      'a bare CR in a value': get('A: b\rc\r\n'),
      'two CRs before LF': 'GET / HTTP/1.1\r\nHost: x\r\r\n\r\n',
      'a bare CR at the end': 'GET / HTTP/1.1\r\nHost: x\r\n\rGET /smuggled HTTP/1.1\r\n\r\n',
      'a folded value': get('A: b\r\n c\r\n'),
      'a value folded with a tab': get('A: b\r\n\tc\r\n'),
      'a value that begins folded': get('A:\r\n b\r\n'),
      'a fold before the first field': 'GET / HTTP/1.1\r\n Host: x\r\n\r\n',
      'a blank before the colon': get('A : b\r\n'),
      'a tab before the colon': get('A\t: b\r\n'),
      'a blank in a name': get('A B: c\r\n'),
      'no name': get(': b\r\n'),
      'no colon': get('A\r\n'),
      'NUL in a value': get('A: b\0c\r\n'),
      'a control character in a value': get('A: b\x01c\r\n'),
      'a form feed before a value': get('A:\x0cb\r\n'),
      'DEL in a value': get('A: b\x7fc\r\n'),
      'NUL in a name': get('A\0: b\r\n'),
      'a control character in a name': get('A\x01: b\r\n'),
      'a parenthesis in a name': get('A(: b\r\n'),
      'a byte beyond ASCII in a name': get('A\xe9: b\r\n'),
      'Content-Type twice': post('Content-Type: a/b\r\nContent-Type: a/b\r\nContent-Length: 0\r\n'),
      'Authorization twice': get('Authorization: Basic YQ==\r\nAuthorization: Basic YQ==\r\n'),
    }),
  ],
  Host: [
    ...all('200 y', 'open', {
      'the target wins over Host': 'GET http://y/variable?SERVER_NAME HTTP/1.1\r\nHost: z\r\n\r\n',
      'the target wins in HTTP_HOST too': 'GET http://y/variable?HTTP_HOST HTTP/1.1\r\nHost: z\r\n\r\n',
    }),
    ...all('200 z', 'open', {
      'a header that holds the name is left alone':
        'GET http://y/variable?HTTP_X_HTTP_HOST HTTP/1.1\r\nX-HTTP-Host: z\r\nHost: z\r\n\r\n',
    }),
    ...all('200 8080', 'open', {
      'a port': 'GET /variable?SERVER_PORT HTTP/1.1\r\nHost: x:8080\r\n\r\n',
      'a port behind an IPv6 address': 'GET /variable?SERVER_PORT HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n',
    }),
    ...all('200 GET / []', 'open', {
      'an empty one': 'GET / HTTP/1.1\r\nHost:\r\n\r\n',
      'an IPv4 address': 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
    }),
    ...refused({
      'none in HTTP/1.1': 'GET / HTTP/1.1\r\nA: b\r\n\r\n',
      'no header at all': 'GET / HTTP/1.1\r\n\r\n',
      'none beside an absolute target': 'GET http://x/ HTTP/1.1\r\n\r\n',
      two: 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
      'the same twice': 'GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n',
      'two in HTTP/1.0': 'GET / HTTP/1.0\r\nHost: x\r\nhost: y\r\n\r\n',
      'a list': 'GET / HTTP/1.1\r\nHost: x, y\r\n\r\n',
      'a path': 'GET / HTTP/1.1\r\nHost: x/y\r\n\r\n',
      'user information': 'GET / HTTP/1.1\r\nHost: me@x\r\n\r\n',
      'a blank': 'GET / HTTP/1.1\r\nHost: x y\r\n\r\n',
      'a port that is no number': 'GET / HTTP/1.1\r\nHost: x:y\r\n\r\n',
      'two ports': 'GET / HTTP/1.1\r\nHost: x:1:2\r\n\r\n',
      'half an IPv6 address': 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n',
      'a byte beyond ASCII': 'GET / HTTP/1.1\r\nHost: \xe9\r\n\r\n',
    }),
  ],
  'bodies with a length': [
    ...all('200 POST / [abc]', 'open', {
      'three bytes': post('Content-Length: 3\r\n', 'abc'),
      'zeros before the length': post('Content-Length: 003\r\n', 'abc'),
    }),
    ...all('200 POST / []', 'open', {
      'no bytes': post('Content-Length: 0\r\n'),
      'neither length nor coding': post(''),
    }),
    ...all('200 GET / [abc]', 'open', { 'a GET with one': get('Content-Length: 3\r\n') + 'abc' }),
    {
      what: 'a request in it',
      send: post(`Content-Length: ${smuggled.length}\r\n`, smuggled),
      answers: [`200 POST / [${smuggled}]`],
      ends: 'open',
    },
    {
      what: 'a request in one that nobody reads',
      send: `POST /unread HTTP/1.1\r\n${host}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      answers: ['200 unread'],
      ends: 'open',
    },
    {
      what: 'a request in one for nothing that is there',
      send: `POST /a%2fb HTTP/1.1\r\n${host}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      answers: ['404'],
      ends: 'open',
    },
    ...all('413', 'closed', {
      'more than limit-request-body': post('Content-Length: 100001\r\n', smuggled),
      'more than limit-request-body, all of it there': post('Content-Length: 100001\r\n', smuggled.repeat(3000)),
    }),
    ...refused({
      'two lengths': post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abc'),
      'the same length twice': post('Content-Length: 3\r\nContent-Length: 3\r\n', 'abc'),
      'a list of lengths': post('Content-Length: 3, 3\r\n', 'abc'),
      'a plus': post('Content-Length: +3\r\n', 'abc'),
      'a minus': post('Content-Length: -3\r\n', 'abc'),
      hexadecimal: post('Content-Length: 0x3\r\n', 'abc'),
      'a fraction': post('Content-Length: 3.0\r\n', 'abc'),
      'no number': post('Content-Length: three\r\n', 'abc'),
      'an empty length': post('Content-Length:\r\n', 'abc'),
      'two numbers': post('Content-Length: 3 3\r\n', 'abc'),
      'a comma after the number': post('Content-Length: 3,\r\n', 'abc'),
      'a length of 20 digits': post('Content-Length: 99999999999999999999\r\n', 'abc'),
      'the largest length of 64 bits': post('Content-Length: 18446744073709551615\r\n', 'abc'),
      'a folded length': post('Content-Length:\r\n 3\r\n', 'abc'),
    }),
  ],
  'chunked bodies': [
    ...all('200 POST / [abc]', 'open', {
      'one chunk': chunkedPost('3\r\nabc\r\n0\r\n\r\n'),
      'three chunks': chunkedPost('1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n'),
      'zeros before the size': chunkedPost('0003\r\nabc\r\n000\r\n\r\n'),
      'CHUNKED in capitals': post('Transfer-Encoding: CHUNKED\r\n', '3\r\nabc\r\n0\r\n\r\n'),
      'an extension': chunkedPost('3;a=b\r\nabc\r\n0\r\n\r\n'),
      'a quoted extension': chunkedPost('3;a="b;c"\r\nabc\r\n0\r\n\r\n'),
      'a trailer, which is dropped': chunkedPost('3\r\nabc\r\n0\r\nX-Checksum: 1\r\n\r\n'),
    }),
    ...all('200 POST / [0123456789]', 'open', {
      'a size with a digit beyond 9': chunkedPost('a\r\n0123456789\r\n0\r\n\r\n'),
      'a size in capitals': chunkedPost('A\r\n0123456789\r\n0\r\n\r\n'),
    }),
    ...all('200 POST / []', 'open', { 'no chunk but the last': chunkedPost('0\r\n\r\n') }),
    ...all('200 none', 'open', {
      'a trailer is not in environ': chunkedPost('0\r\nX-A: b\r\n\r\n', '/variable?HTTP_X_A'),
    }),
    {
      what: 'a request in one',
      send: chunkedPost(`${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`),
      answers: [`200 POST / [${smuggled}]`],
      ends: 'open',
    },
    ...all('413', 'closed', {
      'more than limit-request-body': chunkedPost(`20000\r\n${'x'.repeat(0x20000)}\r\n0\r\n\r\n${smuggled}`),
    }),
    ...refused({
      'with Content-Length': post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      'before Content-Length': post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
      'in HTTP/1.0': `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      identity: post('Transfer-Encoding: identity\r\n'),
      gzip: post('Transfer-Encoding: gzip\r\n'),
      'gzip below chunked': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
      'gzip above chunked': post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'),
      'chunked twice': post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'),
      'chunked in two fields': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      'chunked and identity': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
      'gzip and chunked in two fields': post('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
      'another word': post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
      'a parameter': post('Transfer-Encoding: chunked;a=b\r\n', '0\r\n\r\n'),
      'no word': post('Transfer-Encoding:\r\n', '0\r\n\r\n'),
      'a comma first': post('Transfer-Encoding: , chunked\r\n', '0\r\n\r\n'),
      'quotes around it': post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'),
      'a vertical tab before it': post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
      'a folded coding': post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'),
      'a blank after the size': chunkedPost('3 \r\nabc\r\n0\r\n\r\n'),
      'a blank before the size': chunkedPost(' 3\r\nabc\r\n0\r\n\r\n'),
      'a minus before the size': chunkedPost('-3\r\nabc\r\n0\r\n\r\n'),
      'a size with 0x': chunkedPost('0x3\r\nabc\r\n0\r\n\r\n'),
      'a size that is no number': chunkedPost('g\r\nabc\r\n0\r\n\r\n'),
      'a size beyond 64 bits': chunkedPost('fffffffffffffffff\r\nabc\r\n0\r\n\r\n'),
      'no size': chunkedPost('\r\nabc\r\n0\r\n\r\n'),
      'a chunk longer than its size': chunkedPost('2\r\nabc\r\n0\r\n\r\n'),
      'a chunk shorter than its size': chunkedPost('4\r\nabc\r\n0\r\n\r\n'),
      'a bare LF after the size': chunkedPost('3\nabc\r\n0\r\n\r\n'),
      'a bare LF after the chunk': chunkedPost('3\r\nabc\n0\r\n\r\n'),
      'a bare LF after the last size': chunkedPost('3\r\nabc\r\n0\n\r\n'),
      'a bare LF at the end': chunkedPost('3\r\nabc\r\n0\r\n\n'),
      'a bare CR after the size': chunkedPost('3\rabc\r\n0\r\n\r\n'),
      'a bare LF in an extension': chunkedPost('3;a\nabc\r\n0\r\n\r\n'),
      'a bare CR in an extension': chunkedPost('3;a\rb\r\nabc\r\n0\r\n\r\n'),
      'a control character in an extension': chunkedPost('3;a\x01\r\nabc\r\n0\r\n\r\n'),
      'a forbidden trailer: Host': chunkedPost('3\r\nabc\r\n0\r\nHost: y\r\n\r\n'),
      'a forbidden trailer: Content-Length': chunkedPost('3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n'),
      'a forbidden trailer: Transfer-Encoding': chunkedPost('3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n'),
      'a forbidden trailer: Authorization': chunkedPost('3\r\nabc\r\n0\r\nAuthorization: a\r\n\r\n'),
      'a forbidden trailer: If-Match': chunkedPost('3\r\nabc\r\n0\r\nIf-Match: a\r\n\r\n'),
      'a forbidden trailer: X-Forwarded-For': chunkedPost('3\r\nabc\r\n0\r\nX-Forwarded-For: a\r\n\r\n'),
      'a trailer with a blank in its name': chunkedPost('3\r\nabc\r\n0\r\nX A: b\r\n\r\n'),
      'a folded trailer': chunkedPost('3\r\nabc\r\n0\r\nX: a\r\n b\r\n\r\n'),
      'a bare LF after a trailer': chunkedPost('3\r\nabc\r\n0\r\nX: a\n\r\n'),
    }),
  ],
  connections: [
    ...all('200 GET / []', 'closed', {
      'Connection: close': get('Connection: close\r\n'),
      'Connection: Close': get('Connection: Close\r\n'),
      'close among others': get('Connection: foo, close\r\n'),
      'close and keep-alive': get('Connection: close\r\nConnection: keep-alive\r\n'),
      'bytes behind Connection: close': get('Connection: close\r\n') + smuggled,
      'Upgrade to websocket is ignored, nothing else is taken': get(
        'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: YQ==\r\n',
      ),
      'Upgrade to h2c is ignored': get(
        'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n',
      ),
      'an Upgrade header alone is ignored': get('Upgrade: h2c\r\n'),
    }),
    ...all('200 GET / []', 'open', {
      'Connection: keep-alive': get('Connection: keep-alive\r\n'),
      'HTTP/1.0 with keep-alive': `GET / HTTP/1.0\r\n${host}Connection: keep-alive\r\n\r\n`,
    }),
    ...all('200 POST / [abc]', 'closed', {
      'Upgrade with a body is ignored': post('Connection: Upgrade\r\nUpgrade: foo\r\nContent-Length: 3\r\n', 'abc'),
    }),
    {
      what: 'two requests in one go',
      send: get('', '/1') + get('', '/2'),
      answers: ['200 GET /1 []', '200 GET /2 []'],
      ends: 'open',
    },
    {
      what: 'ten requests in one go',
      send: Array.from({ length: 10 }, (_, n) => get('', `/${n}`)).join(''),
      answers: Array.from({ length: 10 }, (_, n) => `200 GET /${n} []`),
      ends: 'open',
    },
    {
      what: 'a POST between two GETs',
      send: get('', '/1') + post('Content-Length: 3\r\n', 'abc') + get('', '/2'),
      answers: ['200 GET /1 []', '200 POST / [abc]', '200 GET /2 []'],
      ends: 'open',
    },
    {
      what: 'a chunked POST before a GET',
      send: chunkedPost('3\r\nabc\r\n0\r\n\r\n') + get('', '/2'),
      answers: ['200 POST / [abc]', '200 GET /2 []'],
      ends: 'open',
    },
    {
      what: 'an empty line between two requests',
      send: `${get('', '/1')}\r\n${get('', '/2')}`,
      answers: ['200 GET /1 []', '200 GET /2 []'],
      ends: 'open',
    },
    {
      what: 'a broken request behind a good one',
      send: `${get('', '/1')}GET / HTTP/1.1\r\nA b\r\n\r\n${smuggled}`,
      answers: ['200 GET /1 []', '400'],
      ends: 'closed',
    },
    {
      what: 'an ambiguous request behind a good one',
      send: get('', '/1') + 'GET / HTTP/1.1\r\n\r\n' + smuggled,
      answers: ['200 GET /1 []', '400'],
      ends: 'closed',
    },
    {
      what: 'a broken chunk behind a good request',
      send: get('', '/1') + chunkedPost('x\r\n') + smuggled,
      answers: ['200 GET /1 []', '400'],
      ends: 'closed',
    },
    {
      what: 'a missing page between two requests',
      send: get('', '/1') + get('', '/a%2fb') + get('', '/2'),
      answers: ['200 GET /1 []', '404', '200 GET /2 []'],
      ends: 'open',
    },
    {
      what: 'an early 413 behind a good request',
      send: get('', '/1') + post('Content-Length: 100001\r\n', smuggled),
      answers: ['200 GET /1 []', '413'],
      ends: 'closed',
    },
    ...all('405', 'closed', {
      CONNECT: `CONNECT x:443 HTTP/1.1\r\n${host}\r\n${smuggled}`,
      'CONNECT of a path': `CONNECT / HTTP/1.1\r\n${host}\r\n${smuggled}`,
    }),
    {
      what: 'CONNECT behind a good request',
      send: `${get('', '/1')}CONNECT x:443 HTTP/1.1\r\n${host}\r\n${smuggled}`,
      answers: ['200 GET /1 []', '405'],
      ends: 'closed',
    },
  ],
  'Expect: 100-continue': [
    {
      what: 'the application reads',
      send: post('Expect: 100-continue\r\nContent-Length: 3\r\n', 'abc'),
      answers: ['100', '200 POST / [abc]'],
      ends: 'open',
    },
    {
      what: 'in capitals',
      send: post('Expect: 100-CONTINUE\r\nContent-Length: 3\r\n', 'abc'),
      answers: ['100', '200 POST / [abc]'],
      ends: 'open',
    },
    {
      what: 'a chunked body',
      send: post('Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n', '3\r\nabc\r\n0\r\n\r\n'),
      answers: ['100', '200 POST / [abc]'],
      ends: 'open',
    },
    {
      what: 'the application does not read',
      send: `POST /unread HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
      answers: ['200 unread'],
      ends: 'closed',
    },
    {
      what: 'the application says 401',
      send: `POST /denied HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
      answers: ['401 denied'],
      ends: 'closed',
    },
    {
      what: 'nothing is there',
      send: `POST /a%2fb HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`,
      answers: ['404'],
      ends: 'closed',
    },
    {
      what: 'too large a body',
      send: post('Expect: 100-continue\r\nContent-Length: 100001\r\n'),
      answers: ['413'],
      ends: 'closed',
    },
    {
      what: 'an ambiguous request',
      send: 'POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
      answers: ['400'],
      ends: 'closed',
    },
    {
      what: 'HTTP/1.0, which knows it not',
      send: `POST / HTTP/1.0\r\n${host}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc`,
      answers: ['200 POST / [abc]'],
      ends: 'closed',
    },
    ...all('417', 'closed', {
      'something else': post('Expect: 200-ok\r\nContent-Length: 3\r\n') + smuggled,
      'something more': post('Expect: 100-continue, 200-ok\r\nContent-Length: 3\r\n') + smuggled,
    }),
  ],
  answers: [
    { what: 'unknown length to HTTP/1.1', send: get('', '/streamed'), answers: ['200 one two three'], ends: 'open' },
    {
      what: 'unknown length to HTTP/1.0',
      send: `GET /streamed HTTP/1.0\r\n${host}\r\n`,
      answers: ['200 one two three'],
      ends: 'closed',
    },
    {
      what: 'unknown length to HTTP/1.0 with keep-alive',
      send: `GET /streamed HTTP/1.0\r\n${host}Connection: keep-alive\r\n\r\n`,
      answers: ['200 one two three'],
      ends: 'closed',
    },
    { what: '204', send: get('', '/204'), answers: ['204'], ends: 'open' },
    { what: '304', send: get('', '/304'), answers: ['304'], ends: 'open' },
    { what: '204 whose application gives content', send: get('', '/204-with-content'), answers: ['204'], ends: 'open' },
    ...['/', '/streamed', '/204', '/304', '/unread'].map((path): Case => ({
      what: `HEAD ${path}`,
      send: `HEAD ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      answers: [path === '/204' || path === '/304' ? path.slice(1) : '200'],
      ends: 'closed',
      head: true,
    })),
    {
      what: 'HEAD of a missing page',
      send: `HEAD /a%2fb HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
      answers: ['404'],
      ends: 'closed',
      head: true,
    },
  ],
}
