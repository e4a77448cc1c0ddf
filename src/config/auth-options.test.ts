import { expect, test } from '@jest/globals'
import { aConfiguration } from '../../test/support/facts.ts'
import { parseGroupFile } from './parse.ts'

const application = (lines: string): string => `applications:\n  - script: app.wsgi\n${lines.replace(/^/gm, '    ')}\n`

/** What is wrong with an application of these lines, as "line: what". */
function wrongWith(lines: string): readonly string[] {
  const text = application(lines)
  const parsed = parseGroupFile({ name: 'a.yaml', path: '/etc/wsgid/groups.d/a.yaml', text })
  return parsed.ok ? [] : parsed.diagnostics.map(({ line, what }) => `${line ?? 0}: ${what}`)
}

const configured = (lines: string) => aConfiguration({ a: application(lines) }).groups[0]?.applications[0]

test('auth is basic for the whole application and every user of the file unless it says otherwise', () => {
  expect(configured('auth: { realm: Trac, users: .htpasswd }')?.auth).toEqual({
    type: 'basic',
    realm: 'Trac',
    users: '/etc/wsgid/groups.d/.htpasswd',
    groups: null,
    require: null,
    paths: [''],
  })
  const full =
    'auth: { type: digest, realm: a b, users: /u, groups: /g, require: { users: [x], groups: [y] }, paths: [/login, /a/b, /login] }'
  expect(configured(full)?.auth).toEqual({
    type: 'digest',
    realm: 'a b',
    users: '/u',
    groups: '/g',
    require: { users: ['x'], groups: ['y'] },
    paths: ['/login', '/a/b'],
  })
})

test.each([
  ['auth: { users: /u }', ['3: realm is missing']],
  ['auth: { realm: T }', ['3: users is missing']],
  ['auth: { realm: T, users: /u, typ: basic }', ['3: unknown option "typ"']],
  ['auth: { type: ntlm, realm: T, users: /u }', ['3: type is "ntlm", must be basic or digest']],
  ["auth: { realm: 'a\"b', users: /u }", [expect.stringMatching(/^3: realm is /)]],
  [
    'auth: { realm: T, users: /u, paths: [login] }',
    [expect.stringMatching(/^3: an entry of paths is "login", must be/)],
  ],
  ['auth: { realm: T, users: /u, paths: [/a/../b] }', [expect.stringMatching(/^3: an entry of paths is /)]],
  ['auth: { realm: T, users: /u, paths: [] }', [expect.stringMatching(/^3: paths is an empty list, must be/)]],
  ['auth: { realm: T, users: /u, require: {} }', ['3: require names neither users nor groups']],
  [
    'auth: { realm: T, users: /u, require: { groups: [a] } }',
    ['3: require names groups, and there is no file that says who is in them'],
  ],
  ['auth: { realm: T, users: /u, groups: /g }', ['3: groups is given, and require names no group']],
  ['auth: yes', [expect.stringMatching(/^3: auth is "yes", must be a map/)]],
])('a mistake in auth is told with its line: %s', (lines, expected) => {
  expect(wrongWith(lines)).toEqual(expected)
})

test('static maps paths below the mount to directories, alone or with options', () => {
  expect(
    configured('static: { /a: files, /a/b: { directory: /b, index: index.html, cache-control: no-cache } }')?.static,
  ).toEqual([
    { prefix: '/a', directory: '/etc/wsgid/groups.d/files', index: null, cacheControl: 'public, max-age=0' },
    { prefix: '/a/b', directory: '/b', index: 'index.html', cacheControl: 'no-cache' },
  ])
})

test.each([
  ['static: { /: /srv }', ['3: "/" cannot be a name in static']],
  ['static: { chrome: /srv }', ['3: "chrome" cannot be a name in static']],
  ['static: { /a/: /srv }', ['3: "/a/" cannot be a name in static']],
  ['static: { /a: { index: i } }', [expect.stringMatching(/directory/)]],
  ['static: { /a: { directory: /srv, index: a/b } }', [expect.stringMatching(/^3: index is "a\/b"/)]],
  ['static: { /a: { directory: /srv, index: .htaccess } }', [expect.stringMatching(/^3: index is/)]],
  ['static: { /a: { directory: /srv, expires: 1 } }', ['3: unknown option "expires"']],
  ['static: [/a]', [expect.stringMatching(/^3: static is a list, must be a map/)]],
])('a mistake in static is told with its line: %s', (lines, expected) => {
  expect(wrongWith(lines)).toEqual(expected)
})
