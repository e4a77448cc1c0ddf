import { expect, test } from '@jest/globals'
import { expandApache, type World } from './expand.ts'
import { parseApache, readOptions, splitArguments } from './syntax.ts'

test.each([
  ['a b', ['a', 'b']],
  ['"a b" c', ['a b', 'c']],
  [`'a "b"' "c\\"d" e\\f`, ['a "b"', 'c"d', 'e\\f']],
  [`"a\\"b\\\\c\\d'e" 'it\\'s "x"' r\\\\s\\t`, [`a"b\\c\\d'e`, `it's "x"`, 'r\\s\\t']],
  ['"not closed x', ['not closed x']],
  ['"" x', ['', 'x']],
  ['- [E=a:$1,L]', ['-', '[E=a:$1,L]']],
])('%j are the words %j', (text, words) => {
  expect(splitArguments(text)).toEqual(words)
})

test('options of mod_wsgi have their quotes behind the "="; what is no option is told', () => {
  const { words, options, wrong } = readOptions(`a home="/srv/my site" x='y z' python-path=/a:/b display-name=`, 1)
  expect([words, [...options], wrong]).toEqual([
    ['a'],
    [
      ['home', '/srv/my site'],
      ['x', 'y z'],
      ['python-path', '/a:/b'],
      ['display-name', ''],
    ],
    undefined,
  ])
  expect(readOptions('a user', 1).wrong).toBe('user')
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
  expect(parseApache('f', 'X y\n<A b').faults).toEqual([{ place: { file: 'f', line: 2 }, what: '<A b lacks its ">"' }])
})

const world: World = {
  serverRoot: '/etc/apache2',
  include: (pattern, root) =>
    pattern === 'more/*.conf' ? [{ name: `${root}/more/a.conf`, text: 'Included ${HERE}' }] : [],
  kindOf: (path) => (path === '/there' || path === '/etc/apache2/here' ? 'file' : 'absent'),
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
  expect(expanded('Define X\n<IfDefine X>\nA ${X}\n</IfDefine>\n<IfDefine !X>\nB\n</IfDefine>')).toEqual([
    'main:3 A ${X}',
  ])
  expect(expanded('<IfDefine RUN_USER>\nA\n</IfDefine>')).toEqual([])
  expect(expanded('Define X 1\nUnDefine X\n<IfDefine X>\nA\n</IfDefine>')).toEqual([])
  expect(expanded('<IfFile /there>\nA\n</IfFile>\n<IfFile "!/there">\nB\n</IfFile>')).toEqual(['main:2 A'])
  expect(expanded('<IfFile here>\nA\n</IfFile>')).toEqual(['main:2 A'])
  expect(expanded('Include absent.conf\nIncludeOptional absent.conf')).toEqual([
    'Include absent.conf: there is no file /etc/apache2/absent.conf',
  ])
})

test.each(['Include a', 'Include a\nInclude a'])('a file with %j, itself, ends after 128 files', (text) => {
  let files = 0
  const include = () => {
    if (++files > 1000) throw new Error('there is no end')
    return [{ name: 'a', text }]
  }
  const { faults } = expandApache('a', text, { ...world, include })
  expect(faults.map(({ what }) => what)).toEqual(['Include goes deeper than 128 files'])
  expect(files).toBe(128)
})

const inModule = (name: string, before = '') => expanded(`${before}<IfModule ${name}>\nA\n</IfModule>`).length > 0

test('a module is there if it is loaded; without any LoadModule those that a configuration of mod_wsgi needs', () => {
  const loaded = 'LoadModule wsgi_module modules/mod_wsgi.so-3.11\nLoadModule mpm_event_module m/mod_mpm_event.so\n'
  expect(['mod_wsgi.c', 'wsgi_module', 'event.c', 'mod_unixd.c'].map((name) => inModule(name, loaded))).toEqual(
    Array(4).fill(true),
  )
  // As in Debian's ports.conf, where this decides whether port 443 is listened on.
  expect(['ssl_module', 'mod_rewrite.c', '!mod_wsgi.c'].map((name) => inModule(name, loaded))).toEqual(
    Array(3).fill(false),
  )
  expect(['mod_ssl.c', 'mod_wsgi.c', 'rewrite_module'].map((name) => inModule(name))).toEqual(Array(3).fill(true))
  expect(inModule('mod_php.c')).toBe(false)
})

test.each([
  ['>= 2.4', true],
  ['< 2.4', false],
  ['2.4', false],
  ['!>= 2.6', true],
  ['= 2.4.71', true],
  ['~ ^2\\.4', true],
  ['/^2\\.2/', false],
])('<IfVersion %s> is %j', (asked, holds) => {
  expect(expanded(`<IfVersion ${asked}>\nA\n</IfVersion>`).length > 0).toBe(holds)
})
