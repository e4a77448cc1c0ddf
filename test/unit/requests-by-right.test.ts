// The judge of test/e2e/fuzz-http.test.ts: one that admits too much would let a server run anything.
import { expect, test } from '@jest/globals'
import { requestsByRight, staysOpen } from '../support/requests-by-right.ts'

const next = 'GET /next HTTP/1.1\r\nHost: x\r\n\r\n'
const get = (lines = 'Host: x\r\n') => `GET /a HTTP/1.1\r\n${lines}\r\n`
const post = (lines: string, body: string) => `POST /a HTTP/1.1\r\nHost: x\r\n${lines}\r\n${body}`
const length = `Content-Length: ${next.length}\r\n`
const chunked = 'Transfer-Encoding: chunked\r\n'
const chunk = `${next.length.toString(16)}\r\n${next}\r\n`

test.each([
  ['without a body, and one behind it', get() + next, ['/a', '/next']],
  ['with a body of a length, which is none itself', post(length, next), ['/a']],
  ['and one behind that body', post(length, next) + next, ['/a', '/next']],
  ['with a body in chunks, and one behind it', `${post(chunked, chunk)}0\r\nX-Sum: 1\r\n\r\n${next}`, ['/a', '/next']],
  ['with a chunk of an extension', `${post(chunked, chunk.replace('\r', ';a=b\r'))}0\r\n\r\n`, ['/a']],
  ['whose length was taken away', post('', next), ['/a', '/next']],
  ['that ends its connection', get('Host: x\r\nConnection: close\r\n') + next, ['/a']],
  ['that only seems to end it', get('Host: x\r\nConnection: closeclose\r\n') + next, ['/a', '/next']],
  ['that ends it among others', get('Host: x\r\nConnection: a, Close \r\n') + next, ['/a']],
  ['with more than an option in its place', get('Host: x\r\nConnection: x: close\r\n') + next, ['/a', '/next']],
  ['of HTTP/1.0, which ends it unless it says otherwise', get('').replace('1.1', '1.0') + next, ['/a']],
  ['of HTTP/1.0 that keeps it', get('Connection: keep-alive\r\n').replace('1.1', '1.0') + next, ['/a', '/next']],
  ['to a proxy', `CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n${next}`, ['/a']],
  ['behind empty lines', `\r\n\r\n${get()}`, ['/a']],
])('a request %s', (_, bytes, targets) => {
  expect(requestsByRight(bytes)).toEqual(targets)
})

test.each([
  ['with a length and chunks', post(length + chunked, chunk)],
  ['with two lengths', post(length + length, next)],
  ['with a length that is none', post('Content-Length: +5\r\n', next)],
  ['with less of a body than its length', post('Content-Length: 500\r\n', next)],
  ['with a chunk that is longer than it says', post(chunked, `5\r\n${next}\r\n0\r\n\r\n`)],
  ['with a chunk that has no line of its own behind it', post(chunked, `5\r\nabcdeXX0\r\n\r\n`)],
  ['with a size of a chunk that is none', post(chunked, `0x5\r\nabcde\r\n0\r\n\r\n`)],
  ['with chunks that do not end', post(chunked, chunk)],
  ['with another coding', post('Transfer-Encoding: gzip, chunked\r\n', next)],
  ['with chunks in HTTP/1.0', post(chunked, `${chunk}0\r\n\r\n`).replace('1.1', '1.0')],
  ['without Host', get('') + next],
  ['with two of them', get('Host: x\r\nHost: y\r\n') + next],
  ['with a space before a colon', get('Host : x\r\n') + next],
  ['with a folded line', get('Host: x\r\n a: b\r\n') + next],
  ['with a bare LF', get('Host: x\nA: b\r\n') + next],
  ['of another version', get().replace('1.1', '2.0') + next],
])('nothing is run of a request %s', (_, bytes) => {
  expect(requestsByRight(bytes)).toEqual([])
})

test('only what ends with a request leaves its connection open for more', () => {
  expect([get(), post(length, next), `${post(chunked, chunk)}0\r\n\r\n`].map(staysOpen)).toEqual([true, true, true])
  const last = [get('Host: x\r\nConnection: close\r\n'), get('Host: x\r\nUpgrade: h2c\r\n'), `${get()}GE`, get('')]
  expect(last.map(staysOpen)).toEqual([false, false, false, false])
})
