import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseListen } from './listen.ts'
import { parseHost, parseMount } from './mount.ts'

test.each([
  ['/', ''],
  ['/trac', '/trac'],
  ['/a/b.c/~d', '/a/b.c/~d'],
])('the mount %s has the SCRIPT_NAME "%s"', (written, expected) => {
  expect(parseMount(written)).toBe(expected)
})

test.each(['', 'trac', '/trac/', '//', '/a//b', '/./a', '/a/..', '/a?b', '/a#b', '/a b', '/a\\b', '/\0', '/ä'])(
  '%p is not a mount',
  (written) => {
    expect(parseMount(written)).toBeUndefined()
  },
)

test('whatever is taken for a mount is "" or begins with "/", ends without one, and reads the same the second time', () => {
  const segment = fc.constantFrom('', '.', '..', 'a', 'b.c', '%41', 'x y', '?')
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 5 }), (segments) => {
      const mount = parseMount(`/${segments.join('/')}`)
      if (mount === undefined || mount === '') return
      expect(mount).toMatch(/^\/.*[^/]$/)
      expect(mount.split('/')).not.toContain('..')
      expect(parseMount(mount)).toBe(mount)
    }),
  )
})

test.each([
  ['Trac.Example.ORG', 'trac.example.org'],
  ['*.example.org', '*.example.org'],
  ['127.0.0.1', '127.0.0.1'],
  ['[::1]', '[::1]'],
  ['my_host', 'my_host'],
])('the host %s is %s', (written, expected) => {
  expect(parseHost(written)).toBe(expected)
})

test.each(['', '*', 'a.*.b', 'a:80', 'http://a', 'a..b', '-a', 'a.', 'ä.example', '*.*.a'])(
  '%p is not a host',
  (written) => {
    expect(parseHost(written)).toBeUndefined()
  },
)

test.each([
  ['127.0.0.1:8080', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['localhost:0', { kind: 'tcp', host: 'localhost', port: 0 }],
  ['[::]:80', { kind: 'tcp', host: '::', port: 80 }],
  ['[fe80::1%eth0]:80', { kind: 'tcp', host: 'fe80::1%eth0', port: 80 }],
  ['unix:/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
  ['systemd:http', { kind: 'systemd', name: 'http' }],
])('the address %s is understood', (written, expected) => {
  expect(parseListen(written)).toEqual(expected)
})

test.each(['', '8080', ':8080', '::1:80', 'a:65536', 'a:x', 'a:', 'unix:', 'systemd:', 'systemd:a:b', 'http://a:80'])(
  '%p is not an address',
  (written) => {
    expect(parseListen(written)).toBeUndefined()
  },
)
