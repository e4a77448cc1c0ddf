import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseTarget } from './request-target.ts'

test.each([
  ['/', '/', ''],
  ['/a/b?x=1?y', '/a/b', 'x=1?y'],
  ['/a?', '/a', ''],
  ['//a///b/', '/a/b/', ''],
  ['/a/./b/../c', '/a/c', ''],
  ['/a/..', '/', ''],
  ['/a/b/.', '/a/b/', ''],
  ['/caf%C3%A9', '/caf\u00c3\u00a9', ''],
  ['/100%25', '/100%', ''],
  ['/%2e%2e/x'.replace('/%2e%2e', '/a/%2e%2e'), '/x', ''],
  ['/a%2Eb', '/a.b', ''],
  ['/.hidden', '/.hidden', ''],
])('%j is path %j and query %j', (url, path, query) => {
  expect(parseTarget(url)).toEqual({ path, query })
})

test.each([
  ['http://example.org/a?b', 'example.org', '/a', 'b'],
  ['http://example.org:81', 'example.org:81', '/', ''],
  ['HTTPS://example.org?q', 'example.org', '/', 'q'],
])('%j names the host %j, path %j and query %j', (url, authority, path, query) => {
  expect(parseTarget(url)).toEqual({ authority, path, query })
})

test.each([
  ['/a#b', 400],
  ['/a?b#c', 400],
  ['http://me@example.org/', 400],
  ['http:///a', 400],
  ['/a%2Fb', 404],
  ['/a%2fb', 404],
  ['/a%', 400],
  ['/a%zz', 400],
  ['/a%00b', 400],
  ['/..', 400],
  ['/a/../../b', 400],
  ['/%2e%2e/b', 400],
  ['*', 400],
  ['example.org:443', 400],
])('%j is refused with %i', (url, status) => {
  expect(parseTarget(url)).toMatchObject({ refused: status })
})

test('whatever comes in, a path that comes out has no dot segments and no empty ones', () => {
  const piece = fc.constantFrom('/', '.', '..', 'a', '%2e', '%41', '//', '%', '?')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const target = parseTarget(`/${pieces.join('')}`)
      if ('refused' in target) return
      expect(target.path.startsWith('/')).toBe(true)
      const segments = target.path.slice(1).split('/')
      expect(segments.slice(0, -1).every((segment) => segment !== '' && segment !== '.' && segment !== '..')).toBe(true)
      expect(['.', '..']).not.toContain(segments.at(-1))
    }),
  )
})
