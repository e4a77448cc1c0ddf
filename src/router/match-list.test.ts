import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { MatchList } from './match-list.ts'
import { RouteTable } from './routes.ts'

function list(...matches: string[]): MatchList<string> {
  const made = new MatchList<string>()
  for (const match of matches) made.add(match, match)
  return made
}

const site = list('^/trac/(?<site>[^/]+)')

test.each([
  ['/trac/one', '/trac/one', ''],
  ['/trac/one/', '/trac/one', '/'],
  ['/trac/one/wiki/x', '/trac/one', '/wiki/x'],
])('%s is split into %j and %j', (path, scriptName, pathInfo) => {
  const found = site.find(path)
  expect(found?.captures).toEqual({ site: 'one' })
  expect([path.slice(0, found?.split), path.slice(found?.split)]).toEqual([scriptName, pathInfo])
})

test('a slash at the end of what matches belongs to PATH_INFO', () => {
  expect(list('^/trac/').find('/trac/x')?.split).toBe(5)
  expect(list('^/').find('/x')?.split).toBe(0)
})

test('a match ends where a segment ends, and begins where the path begins', () => {
  expect(list('^/trac').find('/tracker')).toBeUndefined()
  expect(list('^/a|/b').find('/x/b')).toBeUndefined()
  expect(list('^/trac', '^/tracker').find('/tracker')?.target).toBe('^/tracker')
})

test('the first expression that matches wins', () => {
  expect(list('^/(?<a>x+)', '^/(?<b>x)').find('/x')?.captures).toEqual({ a: 'x' })
})

test.each(['', '.', '..', 'a/b', '/', 'a\\b', '\\', 'a\0', '\0'])('a capture %j is nobody’s', (capture) => {
  expect(list('^/x/(?<any>[^]*)$').find(`/x/${capture}`)).toBeNull()
})

test('a capture that took no part in the match is nobody’s either', () => {
  expect(list('^/trac(?:/(?<site>[^/]+))?').find('/trac')).toBeNull()
})

test('whatever the path, no capture names a file elsewhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', '\0', 'a', '%') }), (text) => {
      const found = list('^/(?<first>[^]*?)(?:x(?<second>[^]*))?$').find(`/${text}`)
      for (const capture of Object.values(found?.captures ?? {})) expect(capture).not.toMatch(/^\.{0,2}$|[/\\\0]/)
    }),
  )
})

test('an expression that backtracks for ever elsewhere answers at once', () => {
  const slow = list('^/(?<site>(?:a+)+)b')
  const started = performance.now()
  expect(slow.find(`/${'a'.repeat(8000)}!`)).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(5000)
})

test('a path longer than a request line of Apache is not looked at', () => {
  expect(site.find(`/trac/one/${'x'.repeat(8190)}`)).toBeUndefined()
})

const table = new RouteTable([
  { hosts: [], mount: '', match: null, target: 'root' },
  { hosts: [], mount: '/trac/admin', match: null, target: 'mount' },
  { hosts: [], mount: '', match: '^/trac/(?<site>[^/]+)', target: 'match' },
  { hosts: ['a.example'], mount: '', match: '^/trac/special', target: 'exact' },
])

test.each([
  ['', '/trac/admin/x', 'mount'],
  ['', '/trac/one/x', 'match'],
  ['', '/else', 'root'],
  ['a.example', '/trac/special', 'exact'],
  ['a.example', '/trac/one', 'match'],
])('host %j, path %s: mounts before expressions, the root after them', (host, path, target) => {
  expect(table.find(host, path)?.target).toBe(target)
})

test('a capture that must not be is not answered by the root either', () => {
  expect(table.find('', '/trac/a\\b')).toBeUndefined()
})
