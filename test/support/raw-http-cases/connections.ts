// What becomes of the connection: kept, closed, pipelined, asked for 100 Continue; and answers without a body.
import { all, chunkedPost, get, host, post, smuggled, type Case } from './case.ts'

export const connections: Readonly<Record<string, readonly Case[]>> = {
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
