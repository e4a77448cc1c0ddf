import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readProxyHeader } from './proxy-header.ts'

const signature = '\r\n\r\n\0\r\nQUIT\n'
const v2 = (command: number, family: number, payload: readonly number[], length = payload.length): Buffer =>
  Buffer.concat([
    Buffer.from(signature, 'latin1'),
    Buffer.from([command, family, length >> 8, length & 0xff, ...payload]),
  ])
const ports = [0x12, 0x67, 0x00, 0x50]
const ipv4 = [198, 51, 100, 1, 192, 0, 2, 1]
const ipv6 = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1, 0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 2]
const mapped = [...Array<number>(10).fill(0), 255, 255, 198, 51, 100, 1, ...Array<number>(15).fill(0), 1]
const v1 = (text: string): Buffer => Buffer.from(text, 'latin1')

const client = { address: '198.51.100.1', port: 4711, localAddress: '192.0.2.1', localPort: 80 }
const client6 = { address: '2001:db8::1', port: 4711, localAddress: '2001:db8::2', localPort: 80 }

const good: readonly [claim: string, header: Buffer, peer: object | null][] = [
  ['version 1, TCP4', v1('PROXY TCP4 198.51.100.1 192.0.2.1 4711 80\r\n'), client],
  ['version 1, TCP6', v1('PROXY TCP6 2001:db8::1 2001:db8::2 4711 80\r\n'), client6],
  ['version 1, IPv4 in IPv6', v1('PROXY TCP6 ::ffff:198.51.100.1 ::ffff:192.0.2.1 4711 80\r\n'), client],
  ['version 1, UNKNOWN', v1('PROXY UNKNOWN\r\n'), null],
  ['version 1, UNKNOWN with words', v1('PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n'), null],
  ['version 2, TCP4', v2(0x21, 0x11, [...ipv4, ...ports]), client],
  ['version 2, TCP6', v2(0x21, 0x21, [...ipv6, ...ports]), client6],
  ['version 2, IPv4 in IPv6', v2(0x21, 0x21, [...mapped, ...ports]), { ...client, localAddress: '::1' }],
  ['version 2, TLVs behind the addresses', v2(0x21, 0x11, [...ipv4, ...ports, 0x04, 0, 3, 1, 2, 3]), client],
  ['version 2, LOCAL', v2(0x20, 0x00, []), null],
  ['version 2, LOCAL with TLVs', v2(0x20, 0x11, [...ipv4, ...ports, 0x04, 0, 1, 9]), null],
  ['version 2, UNSPEC', v2(0x21, 0x00, [1, 2, 3]), null],
  ['version 2, a Unix socket', v2(0x21, 0x31, Array<number>(216).fill(65)), null],
]

test.each(good)('%s', (_claim, header, peer) => {
  expect(readProxyHeader(header)).toEqual({ kind: 'header', length: header.length, peer })
})

test.each(good)('%s: whatever follows is no part of it, and every part of it wants more', (_claim, header, peer) => {
  for (let length = 0; length < header.length; length += 1) {
    expect(readProxyHeader(header.subarray(0, length))).toEqual({ kind: 'more' })
  }
  const followed = Buffer.concat([header, v1('GET / HTTP/1.1\r\n')])
  expect(readProxyHeader(followed)).toEqual({ kind: 'header', length: header.length, peer })
})

test.each<[claim: string, header: Buffer]>([
  ['an unknown family', v1('PROXY UDP4 198.51.100.1 192.0.2.1 4711 80\r\n')],
  ['an address of the other family', v1('PROXY TCP4 2001:db8::1 192.0.2.1 4711 80\r\n')],
  ['an address that is none', v1('PROXY TCP4 198.51.100.256 192.0.2.1 4711 80\r\n')],
  ['a port above 65535', v1('PROXY TCP4 198.51.100.1 192.0.2.1 65536 80\r\n')],
  ['a port with a leading zero', v1('PROXY TCP4 198.51.100.1 192.0.2.1 0471 80\r\n')],
  ['a field too few', v1('PROXY TCP4 198.51.100.1 192.0.2.1 4711\r\n')],
  ['a field too many', v1('PROXY TCP4 198.51.100.1 192.0.2.1 4711 80 1\r\n')],
  ['two spaces', v1('PROXY TCP4  198.51.100.1 192.0.2.1 4711 80\r\n')],
  ['nothing but the word', v1('PROXY \r\n')],
  ['a line without an end', v1(`PROXY UNKNOWN ${'x'.repeat(100)}`)],
  ['another command', v2(0x22, 0x11, [...ipv4, ...ports])],
  ['another version', v2(0x31, 0x11, [...ipv4, ...ports])],
  ['UDP', v2(0x21, 0x12, [...ipv4, ...ports])],
  ['too few bytes for its addresses', v2(0x21, 0x11, [...ipv4, 1, 2, 3])],
  ['more than 4 KiB', v2(0x21, 0x11, [...ipv4, ...ports], 5000)],
])('malformed: %s', (_claim, header) => {
  expect(readProxyHeader(header)).toMatchObject({ kind: 'malformed' })
})

test.each(['GET / HTTP/1.1\r\n', 'POST / HTTP/1.1\r\n', 'PROPFIND / HTTP/1.1\r\n', '\r\nGET /', '\x16\x03\x01'])(
  'no PROXY header: %j',
  (text) => expect(readProxyHeader(v1(text))).toEqual({ kind: 'none' }),
)

test('whatever comes, 4 KiB of it are enough to know', () => {
  const begins = fc.constantFrom('', 'PROXY ', 'PROXY TCP4 ', signature, `${signature}!`)
  fc.assert(
    fc.property(begins, fc.uint8Array({ minLength: 4096, maxLength: 5000 }), (begin, bytes) => {
      expect(readProxyHeader(Buffer.concat([v1(begin), bytes])).kind).not.toBe('more')
    }),
  )
})
