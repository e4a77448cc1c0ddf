import { expect, test } from '@jest/globals'
import { expandApache, type World } from './expand.ts'
import { nameGroups, nameReferences, shapeOf } from './rewrites.ts'
import { parseApache, splitArguments } from './syntax.ts'

test.each([
  ['a b', ['a', 'b']],
  ['"a b" c', ['a b', 'c']],
  [`'a "b"' "c\\"d" e\\f`, ['a "b"', 'c"d', 'e\\f']],
  ['"" x', ['', 'x']],
  ['- [E=a:$1,L]', ['-', '[E=a:$1,L]']],
])('%j are the words %j', (text, words) => {
  expect(splitArguments(text)).toEqual(words)
})

test('a line goes on behind a backslash and stands where it begins; comments go on too', () => {
  const { nodes } = parseApache('f', '# a \\\n still a comment\n\nSetEnv a \\\n   b\nSetEnv c d')
  expect(nodes.map((node) => [node.place.line, node.name, node.args])).toEqual([
    [4, 'setenv', ['a', 'b']],
    [6, 'setenv', ['c', 'd']],
  ])
})

test('sections nest; one that is not closed, or not open, is said', () => {
  const { nodes, faults } = parseApache('f', '<VirtualHost *:80>\n<Location "/a b">\nX y\n</Location>\n</VirtualHost>')
  expect(faults).toEqual([])
  expect(nodes).toMatchObject([
    {
      name: 'virtualhost',
      args: ['*:80'],
      children: [{ name: 'location', args: ['/a b'], children: [{ name: 'x' }] }],
    },
  ])
  expect(parseApache('f', '<A>\n</B>').faults.map(({ place, what }) => `${place.line} ${what}`)).toEqual([
    '2 </B> closes no section',
    '1 <A> is not closed',
  ])
})

const world: World = {
  include: (pattern, root) =>
    pattern === 'more/*.conf' ? [{ name: `${root ?? ''}/more/a.conf`, text: 'Included ${HERE}' }] : [],
  exists: (path) => path === '/there',
  variables: new Map([['RUN_USER', 'www-data']]),
}
const expanded = (text: string) => {
  const { nodes, faults } = expandApache('main', text, world)
  return [
    ...nodes.map(({ text: line, place }) => `${place.file}:${place.line} ${line}`),
    ...faults.map(({ what }) => what),
  ]
}

test('variables, includes and conditions are decided as Apache does', () => {
  expect(expanded('Define HERE x\nServerRoot /r\nInclude more/*.conf\nUser ${RUN_USER}\nA ${UNKNOWN}')).toEqual([
    '/r/more/a.conf:1 Included x',
    'main:4 User www-data',
    'main:5 A ${UNKNOWN}',
  ])
  expect(expanded('<IfModule mod_wsgi.c>\nA\n</IfModule>\n<IfModule !wsgi_module>\nB\n</IfModule>')).toEqual([
    'main:2 A',
  ])
  expect(
    expanded(
      '<IfModule mod_php.c>\nA\n</IfModule>\nLoadModule php_module m/mod_php.so\n<IfModule mod_php.c>\nB\n</IfModule>',
    ),
  ).toEqual(['main:6 B'])
  expect(expanded('Define X\n<IfDefine X>\nA\n</IfDefine>\n<IfDefine !X>\nB\n</IfDefine>')).toEqual(['main:3 A'])
  expect(
    expanded(
      '<IfVersion >= 2.4>\nA\n</IfVersion>\n<IfVersion < 2.4>\nB\n</IfVersion>\n<IfVersion 2.2>\nC\n</IfVersion>',
    ),
  ).toEqual(['main:2 A'])
  expect(expanded('<IfFile /there>\nA\n</IfFile>\n<IfFile "!/there">\nB\n</IfFile>')).toEqual(['main:2 A'])
  expect(expanded('Include absent.conf\nIncludeOptional absent.conf')).toEqual([
    'Include absent.conf: there is no such file',
  ])
})

test('a file that includes itself ends', () => {
  const { faults } = expandApache('a', 'Include a', { ...world, include: () => [{ name: 'a', text: 'Include a' }] })
  expect(faults.map(({ what }) => what)).toEqual(['Include goes deeper than 128 files'])
})

test('groups of patterns get names, and references to them', () => {
  expect(nameGroups('^/a/([^/(]+)/(?:x|y)\\((b)')).toBe('^/a/(?<p1>[^/(]+)/(?:x|y)\\((?<p2>b)')
  expect(nameReferences('/srv/$1/${x}/$2')).toBe('/srv/${p1}/$${x}/${p2}')
  expect(shapeOf('^/trac/([^/]+)/?.*$')).toBe(shapeOf('^/trac/[^/]+'))
  expect(shapeOf('^/trac/([^/]+)')).not.toBe(shapeOf('^/shop/([^/]+)'))
})
