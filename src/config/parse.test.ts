import { expect, test } from '@jest/globals'
import { renderReport } from './diagnostics.ts'
import { groupPatterns, parseGroupFile, parseServerFile } from './parse.ts'
import { serverSchema } from './server-schema.ts'

const app = 'applications: [{ script: app.wsgi }]\n'

/** What is said about a text, without the header: place, what and cure. */
function report(kind: 'group' | 'server', text: string): string {
  const source = { name: 'f.yaml', path: '/etc/wsgid/f.yaml', text }
  const result = kind === 'group' ? parseGroupFile(source) : parseServerFile(source)
  if (result.ok) return 'good'
  return renderReport(result.diagnostics)
    .split('\n\n')
    .slice(1)
    .map((entry) => entry.replace(/\n\s+/, ' | ').trim())
    .join('\n')
}

test.each([
  [
    'a misspelt option',
    'group',
    `processses: 2\n${app}`,
    'f.yaml:1:1: unknown option "processses" | did you mean "processes"? (number of workers; default minimum-processes if that is given, else 1)',
  ],
  [
    'an option in snake case',
    'group',
    `startup_timeout: 2\n${app}`,
    'f.yaml:1:1: unknown option "startup_timeout" | did you mean "startup-timeout"? (how long a worker may take to start Python and load its applications; default 30s)',
  ],
  [
    'an option like nothing known',
    'server',
    'quux: 2',
    `f.yaml:1:1: unknown option "quux" | known here: ${Object.keys(serverSchema.shape).join(', ')}`,
  ],
  [
    'a group option out of place',
    'server',
    'defaults: { name: x }',
    'f.yaml:1:13: unknown option "name" | did you mean "home"? (working directory of the workers and first entry of sys.path; default the home directory of the account (the root of a chroot); sys.path as Python makes it)',
  ],
  [
    'a number out of range',
    'group',
    `threads: 0\n${app}`,
    'f.yaml:1:10: threads is 0, must be a whole number from 1 to 4096 | for example "threads: 25" (number of requests that one worker runs at a time; default 15)',
  ],
  [
    'a value without text',
    'group',
    `threads:\n${app}`,
    'f.yaml:1:9: threads is empty, must be a whole number from 1 to 4096 | for example "threads: 25" (number of requests that one worker runs at a time; default 15)',
  ],
  [
    'a bad duration',
    'group',
    `queue-timeout: 5 parsecs\n${app}`,
    'f.yaml:1:16: queue-timeout is "5 parsecs", must be a duration such as 30 (seconds), 500ms, 5s, 2m, 1h or 1d, at most 24d | for example "queue-timeout: 10s" (how long a request may wait for a thread before it is answered by 504 (503 when no worker is ready); default 45s)',
  ],
  [
    'a size below the least',
    'group',
    `response-buffer-size: 1KiB\n${app}`,
    'f.yaml:1:23: response-buffer-size is "1KiB", must be a size of at least 64KiB, such as 1048576 (bytes), 10MiB or 1GiB | for example "response-buffer-size: 16MiB" (how much of one response the router takes off a worker ahead of a slow client; default 8MiB)',
  ],
  [
    'a list for a map',
    'group',
    `env: [A]\n${app}`,
    'f.yaml:1:6: env is a list, must be a map of names (without "=" or spaces) to text | for example "env: { TRAC_ENV: /srv/site-1/env }" (process environment, set before Python starts)',
  ],
  [
    'an empty variable',
    'group',
    `env: { A: }\n${app}`,
    'f.yaml:1:11: env.A is empty, must be text; "" for an empty one | for example "env: { TRAC_ENV: /srv/site-1/env }" (process environment, set before Python starts)',
  ],
  [
    'a variable with a space in its name',
    'group',
    `env: { A B: 1 }\n${app}`,
    'f.yaml:1:8: "A B" cannot be a name in env | it must be a map of names (without "=" or spaces) to text',
  ],
  [
    'a variable of WSGI that is no text',
    'group',
    'applications:\n  - script: app.wsgi\n    environ: { wsgi.url_scheme: https, wsgi.input: x }',
    'f.yaml:3:40: "wsgi.input" cannot be a name in environ | it must be a map of names to text, without the variables of WSGI that are no text (wsgi.input, wsgi.errors…)',
  ],
  [
    'an empty list of applications',
    'group',
    'applications: []',
    'f.yaml:1:15: applications is an empty list, must be a list of at least one application, each with script or module | for example "applications: [{ mount: /trac, script: /srv/site-1/trac.wsgi }]" (the WSGI applications that the group serves, at least one; default none)',
  ],
  [
    'neither script nor module',
    'group',
    'applications:\n  - mount: /a',
    'f.yaml:2:5: an application needs script or module | name the file (script: app.wsgi) or the module (module: "pkg.wsgi:application")',
  ],
  [
    'script and module',
    'group',
    'applications:\n  - { script: a, module: b }',
    'f.yaml:2:5: an application has both script and module | remove one of the two',
  ],
  [
    'a bad host',
    'group',
    'applications: [{ script: a, hosts: ["a:80"] }]',
    'f.yaml:1:37: an entry of hosts is "a:80", must be a host name such as trac.example.org or "*.example.org": ASCII, without a port | for example "hosts: [trac.example.org, "*.trac.example.org"]" (names of the hosts that the application answers for, exact or "*.example.org"; default any host)',
  ],
  [
    'a text for a file',
    'group',
    'hello',
    'f.yaml:1:1: the file is "hello", must be a map of options | write one "name: value" a line',
  ],
  [
    'a bad address',
    'server',
    'listen: 8080',
    'f.yaml:1:9: listen is 8080, must be host:port, [v6]:port, unix:/path or systemd:NAME, or a list of them | for example "listen: [0.0.0.0:80, "[::]:80"]" (address that clients connect to, or a list of addresses or of maps; default 127.0.0.1:8080)',
  ],
  [
    'a bad address in a list',
    'server',
    'listen: ["a:1", "b"]',
    'f.yaml:1:17: an entry of listen is "b", must be host:port, [v6]:port, unix:/path or systemd:NAME, or a map with address | for example "listen: [0.0.0.0:80, "[::]:80"]" (address that clients connect to, or a list of addresses or of maps; default 127.0.0.1:8080)',
  ],
  [
    'a bad address in a map',
    'server',
    'listen: [{ address: "b" }]',
    'f.yaml:1:21: address is "b", must be host:port, [v6]:port, unix:/path or systemd:NAME | for example "address: 0.0.0.0:80" (where to listen)',
  ],
  [
    'a map without address',
    'server',
    'listen: [{ adress: "b:1" }]',
    'f.yaml:1:10: address is missing | add host:port, [v6]:port, unix:/path or systemd:NAME, for example "address: 0.0.0.0:80"\nf.yaml:1:12: unknown option "adress" | did you mean "address"? (where to listen)',
  ],
  [
    'an option given twice',
    'group',
    `threads: 1\nthreads: 2\n${app}`,
    'f.yaml:2:1: threads is given twice | each key may stand only once in a map; remove one of the two',
  ],
] as const)('%s is told with place, expectation and cure', (_claim, kind, text, expected) => {
  expect(report(kind, text)).toBe(expected)
})

test.each([
  ['a tab', 'user: a\n\tb: 2\n', /^f\.yaml:2:1: not valid YAML: Tabs are not allowed/],
  ['an unknown tag', 'user: !me a\n', /^f\.yaml:1:7: not valid YAML: Unresolved tag: !me/],
  ['an alias of nothing', 'user: *me\n', /^f\.yaml:1:\d: not valid YAML: Unresolved alias/],
  ['two documents', 'user: a\n---\nuser: b\n', /^f\.yaml:2:1: not valid YAML: a second document begins here/],
  [
    'a bomb of aliases',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replaceAll(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    /^f\.yaml:1:1: not valid YAML: Excessive alias count/,
  ],
])('%s is an error of the file, with its place', (_what, text, expected) => {
  expect(report('group', text)).toMatch(expected)
})

test('a key that JavaScript knows is unknown all the same', () => {
  expect(report('group', `__proto__: { threads: 1 }\n${app}`)).toContain('f.yaml:1:1: unknown option "__proto__"')
  expect(report('group', `constructor: 1\n${app}`)).toContain('f.yaml:1:1: unknown option "constructor"')
})

test('all errors of a file are told at once, in its order', () => {
  const places = report('group', `threads: 0\nuser: [x]\nfoo: 1\napplications:\n  - mount: x\n`)
    .split('\n')
    .map((line) => line.replace(/(\d: .{1,12}).*/, '$1'))
  expect(places).toEqual([
    'f.yaml:1:10: threads is 0',
    'f.yaml:2:7: user is a li',
    'f.yaml:3:1: unknown opti',
    'f.yaml:5:5: an applicati',
    'f.yaml:5:12: mount is "x"',
  ])
})

test('the group files of a wsgid.yaml with errors elsewhere are known', () => {
  expect(groupPatterns({ value: { groups: 'sites/*.yaml', nonsense: 1 } })).toEqual(['sites/*.yaml'])
  expect(groupPatterns({ value: null })).toEqual(['groups.d/*.yaml'])
})
