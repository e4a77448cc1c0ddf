import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readForwarded, readXForwarded } from './forwarding.ts'
import { Networks } from './networks.ts'

const proxies = new Networks(['10.0.0.0/8', 'fd00::/8', '192.0.2.9'])
const trusts = (address: string): boolean => proxies.has(address)
const x = (fields: Readonly<{ for?: string; proto?: string; host?: string; port?: string }>) =>
  readXForwarded({ for: '', proto: '', host: '', port: '', ...fields }, trusts)
const standard = (value: string) => readForwarded(value, trusts)

test.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.0/8', 'fd00::1', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '192.0.2.10', false],
  ['::1', '::1', true],
  ['fd00::/8', 'fd12::1', true],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
  ['0.0.0.0/0', '', false],
  ['unix:', '', true],
  ['unix:', '10.0.0.1', false],
  ['10.0.0.0/8', 'no address', false],
])('%s holds %s: %s', (network, address, holds) => {
  expect(new Networks([network]).has(address)).toBe(holds)
})

test.each<[claim: string, value: string, client: string | null, kept: string]>([
  ['the last address, which the trusted peer has added', '198.51.100.1', '198.51.100.1', '198.51.100.1'],
  ['what a client has made up is ignored', '6.6.6.6, 198.51.100.1', '198.51.100.1', '198.51.100.1'],
  [
    'trusted addresses are walked over',
    '6.6.6.6, 198.51.100.1, 10.0.0.2, 192.0.2.9',
    '198.51.100.1',
    '198.51.100.1, 10.0.0.2, 192.0.2.9',
  ],
  ['all trusted: the leftmost', '10.0.0.1, 10.0.0.2', '10.0.0.1', '10.0.0.1, 10.0.0.2'],
  ['empty elements are none', ' , 198.51.100.1,, ', '198.51.100.1', '198.51.100.1'],
  ['IPv6, with brackets and without', '2001:db8::1, [fd00::1]:80', '2001:db8::1', '2001:db8::1, [fd00::1]:80'],
  ['IPv4 in IPv6', '::ffff:198.51.100.1', '198.51.100.1', '::ffff:198.51.100.1'],
  ['nonsense ends it', '198.51.100.1, nonsense, 10.0.0.2', '10.0.0.2', '10.0.0.2'],
  ['nothing but nonsense', 'nonsense', null, ''],
  ['a proxy that does not tell ends it', '198.51.100.1, unknown, 10.0.0.2', '10.0.0.2', '10.0.0.2'],
  ['an address is not almost one', '198.51.100.1, 10.0.0.256', null, ''],
])('X-Forwarded-For: %s', (_claim, value, client, kept) => {
  const found = x({ for: value })
  expect(found.client).toBe(client)
  expect(found.text).toBe(kept === '' ? '' : `HTTP_X_FORWARDED_FOR\0${kept}\0`)
})

test.each([
  ['198.51.100.1:4711', 4711],
  ['[2001:db8::1]:4711', 4711],
  ['198.51.100.1', null],
])('X-Forwarded-For %s: port %s', (value, port) => expect(x({ for: value }).clientPort).toBe(port))

test('X-Forwarded-Proto, -Host and -Port: of a list, the element of the proxy that named the client', () => {
  expect(x({ proto: 'https', host: 'a.test:8443', port: '443' })).toMatchObject({
    scheme: 'https',
    host: 'a.test:8443',
    port: 443,
  })
  expect(
    x({ for: '198.51.100.1, 10.0.0.2', proto: 'gopher, HTTPS, http', host: 'evil, a.test, b.test' }),
  ).toMatchObject({
    ...{ scheme: 'https', host: 'a.test', malformed: '' },
  })
  expect(x({ for: '198.51.100.1, 10.0.0.2', proto: 'https' }).scheme).toBe('https')
})

test.each([
  [{ proto: 'ftp' }, 'X_FORWARDED_PROTO: ftp'],
  [{ host: 'a b' }, 'X_FORWARDED_HOST: a b'],
  [{ host: 'a/../b' }, 'X_FORWARDED_HOST: a/../b'],
  [{ port: '0' }, 'X_FORWARDED_PORT: 0'],
  [{ port: '65536' }, 'X_FORWARDED_PORT: 65536'],
  [{ for: 'x@y' }, 'X-Forwarded-For: x@y'],
])('%j is ignored and told of', (fields, malformed) => {
  expect(x(fields)).toEqual({
    ...{ client: null, clientPort: null, scheme: null, host: null, port: null },
    ...{ text: '', malformed },
  })
})

test.each<[claim: string, value: string, expected: object]>([
  [
    'one element',
    'for=198.51.100.1;proto=https;host=a.test',
    { client: '198.51.100.1', scheme: 'https', host: 'a.test' },
  ],
  [
    'quotes, capitals, spaces',
    'For="[2001:db8::1]:4711" ; Proto=HTTPS; Host="a.test:8443"',
    { client: '2001:db8::1', clientPort: 4711, scheme: 'https', host: 'a.test:8443' },
  ],
  [
    'what the client has made up',
    'for=6.6.6.6;host=evil, for=198.51.100.1;host=a.test',
    { client: '198.51.100.1', host: 'a.test' },
  ],
  [
    'over trusted addresses',
    'for=198.51.100.1;proto=https, for=10.0.0.2;proto=http',
    { client: '198.51.100.1', scheme: 'https' },
  ],
  [
    'the nearest that says something',
    'for=198.51.100.1, for=10.0.0.2;proto=https',
    { client: '198.51.100.1', scheme: 'https' },
  ],
  ['unquoted port', 'for=198.51.100.1:80', { client: '198.51.100.1', clientPort: 80 }],
  ['no for', 'for=6.6.6.6, proto=https', { client: null, scheme: 'https' }],
  ['a hidden client', 'for=6.6.6.6, for=_secret;proto=https', { client: null, scheme: 'https', malformed: '' }],
  ['an open quote of the client', 'for=", for=198.51.100.1', { client: '198.51.100.1', malformed: '' }],
  [
    'a quote that the client lets run into the next',
    'for=x;host="a, for=198.51.100.1;host="b.test"',
    { client: '198.51.100.1', host: 'b.test' },
  ],
  ['an escaped quote', String.raw`for="\"6.6.6.6", for=198.51.100.1`, { client: '198.51.100.1' }],
  ['nonsense further left', 'nonsense, for=10.0.0.2', { client: '10.0.0.2', malformed: 'Forwarded: nonsense' }],
  [
    'one parameter twice',
    'for=10.0.0.1;for=10.0.0.2',
    { client: null, malformed: 'Forwarded: for=10.0.0.1;for=10.0.0.2' },
  ],
  [
    'a bad host',
    'for=10.0.0.1;host="a b"',
    { client: null, host: null, malformed: 'Forwarded: for=10.0.0.1;host="a b"' },
  ],
])('Forwarded: %s', (_claim, value, expected) => {
  expect(standard(value)).toMatchObject(expected)
})

test('Forwarded is passed on without what stands left of the client', () => {
  expect(standard('for=6.6.6.6, for=198.51.100.1;by=x, for=10.0.0.2').text).toBe(
    'HTTP_FORWARDED\0for=198.51.100.1;by=x, for=10.0.0.2\0',
  )
})

test('whatever a client sends, the address that the trusted peer has added is what counts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (sent) => {
      expect(x({ for: `${sent}, 198.51.100.1` }).client).toBe('198.51.100.1')
      expect(standard(`${sent}, for=198.51.100.1`).client).toBe('198.51.100.1')
      expect(standard(`${sent}, for="198.51.100.1";proto=https`)).toMatchObject({
        client: '198.51.100.1',
        scheme: 'https',
      })
    }),
  )
})
