// Requests spoilt at random, the same ones for the same seed: good ones of every kind, cut, doubled, swapped and sprinkled with the bytes
// that parsers stumble over. Every body and every header value that can holds a request of its own, which nobody may ever run.

/** A request that nobody may run where it stands in the body of another; `number` tells which one it was. */
const smuggled = (number: number): string =>
  `GET /smuggled-${String(number).padStart(7, '0')} HTTP/1.1\r\nHost: x\r\n\r\n`

/** Numbers from 0 to below 1 (mulberry32). */
export type Chance = () => number

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pick = (chance: Chance, list: readonly string[]): string => list[Math.floor(chance() * list.length)] ?? ''

/** Stands for smuggled() in the requests below, and is as long. */
const inside = smuggled(0)
const size = inside.length
const hex = size.toString(16)

const wholes = [
  'GET /a HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /a?b=c HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nAccept: */*\r\n\r\n',
  'HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n',
  'GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  `POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n${inside}`,
  `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\nContent-Type: text/plain\r\n\r\n${inside}`,
  `GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n${inside}`,
  `POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${hex}\r\n${inside}\r\n0\r\n\r\n`,
  `POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${hex};a=b\r\n${inside}\r\n0\r\nX-Sum: 1\r\n\r\n`,
  `POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${size}\r\n\r\n${inside}`,
  `POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
]

/** What parsers stumble over. */
const stones = [
  ...['\r', '\n', '\r\n', '\n\n', '\r\r\n', '\r\n\r\n', '\0', '\t', ' ', '\x0b', '\x7f', '\x85', '\xa0', '\xff'],
  ...[':', ',', ';', '"', '\\', '/', '%', '%00', '%0d%0a', '#', '@', '+', '-', '0', '0x', '9', 'f'],
  ...['Content-Length: 0\r\n', 'Content-Length: 5\r\n', 'Content-Length : 0\r\n', 'content-length:\r\n 0\r\n'],
  ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: identity\r\n', 'Transfer-Encoding:\tchunked\r\n'],
  ...['Transfer-Encoding : chunked\r\n', 'Transfer-Encoding: chunked, chunked\r\n', 'Transfer_Encoding: chunked\r\n'],
  ...[
    'Host: y\r\n',
    'Connection: close\r\n',
    'Expect: 100-continue\r\n',
    'HTTP/1.1',
    'HTTP/1.0',
    'HTTP/2.0',
    'CONNECT ',
  ],
]

/**
 * A request with one to four faults, which may leave it good. They come in front of the request inside or behind it; that itself stays whole, and
 * may thus become one by right, where a fault takes the length away: see requests-by-right.ts.
 */
export function spoilt(chance: Chance, number: number): string {
  const [head = '', tail] = pick(chance, wholes).split(inside)
  const parts = { head, tail: tail ?? '' }
  const faults = 1 + Math.floor(chance() * 4)
  for (let fault = 0; fault < faults; fault += 1) {
    const part = parts.tail !== '' && chance() < 0.3 ? 'tail' : 'head'
    parts[part] = withFault(chance, parts[part])
  }
  return parts.head + (tail === undefined ? '' : smuggled(number)) + parts.tail
}

function withFault(chance: Chance, text: string): string {
  const at = Math.floor(chance() * (text.length + 1))
  const to = Math.min(text.length, at + 1 + Math.floor(chance() * 8))
  switch (Math.floor(chance() * 5)) {
    case 0:
      return text.slice(0, at) + pick(chance, stones) + text.slice(at)
    case 1:
      return text.slice(0, at) + pick(chance, stones) + text.slice(to)
    case 2:
      return text.slice(0, at) + text.slice(to)
    case 3:
      return text.slice(0, to) + text.slice(at)
    default:
      return text.slice(0, at) + String.fromCharCode(Math.floor(chance() * 256)) + text.slice(at + 1)
  }
}
