import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { RouteTable } from './routes.ts'

const table = new RouteTable([
  { hosts: [], mount: '', match: null, target: 'root' },
  { hosts: [], mount: '/trac', match: null, target: 'trac' },
  { hosts: [], mount: '/trac/admin', match: null, target: 'admin' },
  { hosts: ['trac.example.org'], mount: '/trac', match: null, target: 'exact' },
  { hosts: ['*.example.org'], mount: '', match: null, target: 'wildcard' },
  { hosts: ['*.deep.example.org'], mount: '', match: null, target: 'deeper' },
])

test.each([
  ['', '/', 'root', ['', '/']],
  ['', '/trac', 'trac', ['/trac', '']],
  ['', '/trac/', 'trac', ['/trac', '/']],
  ['', '/trac/wiki', 'trac', ['/trac', '/wiki']],
  ['', '/tracker', 'root', ['', '/tracker']],
  ['', '/trac/admin/x', 'admin', ['/trac/admin', '/x']],
  ['', '/trac/administrator', 'trac', ['/trac', '/administrator']],
  ['trac.example.org', '/trac/x', 'exact', ['/trac', '/x']],
  ['trac.example.org', '/else', 'wildcard', ['', '/else']],
  ['a.b.example.org', '/', 'wildcard', ['', '/']],
  ['x.deep.example.org', '/', 'deeper', ['', '/']],
  ['example.org', '/', 'root', ['', '/']],
])('host %j and path %j lead to %s, split into %j', (host, path, target, split) => {
  const match = table.find(host, path)
  expect(match?.target).toBe(target)
  expect([path.slice(0, match?.split), path.slice(match?.split)]).toEqual(split)
})

test('"*" among the hosts of a route answers where no other host does, and stands behind those that are named', () => {
  const hosts = new RouteTable([
    { hosts: ['a.example', '*'], mount: '', match: null, target: 'a' },
    { hosts: ['b.example'], mount: '', match: null, target: 'b' },
    { hosts: ['*.example'], mount: '/c', match: null, target: 'c' },
  ])
  const found = ['a.example', 'b.example', 'x.example', ''].map((host) => hosts.find(host, '/c')?.target)
  expect(found).toEqual(['a', 'b', 'c', 'a'])
  expect(hosts.find('a.example', '/d')?.target).toBe('a')
})

test('without a mount at the root other paths lead nowhere', () => {
  const only = new RouteTable([{ hosts: [], mount: '/a/b', match: null, target: 1 }])
  expect(only.find('', '/a')).toBeUndefined()
  expect(only.find('', '/a/bc')).toBeUndefined()
  expect(only.find('', '/')).toBeUndefined()
})

test('the longest mount on a segment boundary wins, as comparing with every mount would find', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', 'abc')
  const mount = fc.array(segment, { maxLength: 4 }).map((parts) => parts.map((part) => `/${part}`).join(''))
  fc.assert(
    fc.property(fc.uniqueArray(mount, { maxLength: 8 }), mount, fc.boolean(), (mounts, base, slash) => {
      const path = `${base}${slash || base === '' ? '/' : ''}`
      const best = mounts
        .filter((each) => path === each || path.startsWith(`${each}/`))
        .sort((one, other) => other.length - one.length)[0]
      const found = new RouteTable(mounts.map((each) => ({ hosts: [], mount: each, match: null, target: each }))).find(
        '',
        path,
      )
      expect(found?.target).toBe(best)
      if (best !== undefined) expect(found?.split).toBe(best.length)
    }),
  )
})
