import { expect, test } from '@jest/globals'
import { checkGroupFile, parseServerFile } from './parse.ts'
import { parseYaml } from './yaml-file.ts'

const source = (text: string) => ({ name: 'f.yaml', path: '/f.yaml', text })
const app = 'applications: [{ mount: /a, script: a.wsgi }]'

function sound(text: string) {
  const yaml = parseYaml(source(text))
  if (!yaml.ok) throw new Error('not YAML')
  const result = checkGroupFile(yaml.file)
  return result.ok ? 'valid' : (result.sound?.options ?? null)
}

test.each([
  ['an unknown option', `nonsense: 1\n${app}`],
  ['a bad value', `threads: 0\n${app}`],
  ['two bad values in one map', `env: { A: [], B: [] }\n${app}`],
  ['a bad value inside of an application', 'applications: [{ mount: /a, script: a.wsgi, environ: { a: [] } }]'],
  ['an unknown option of an application', 'applications: [{ mount: /a, script: a.wsgi, nonsense: 1 }]'],
  [
    'what is missing in a map of an application',
    'applications: [{ mount: /a, script: a.wsgi, auth: { type: basic } }]',
  ],
])('with %s the rest of a group is looked at all the same', (_what, text) => {
  expect(sound(text)).toEqual({ applications: [{ mount: '/a', script: 'a.wsgi' }] })
})

// Errors would be told that are none: of another user's files, of another mount.
test.each([
  ['user', `user: [x]\n${app}`],
  ['what may be meant as user', `usr: x\n${app}`],
  ['supplementary-groups, without which a file may be out of reach', `supplementary-groups: x y\n${app}`],
  ['python', `python: [x]\n${app}`],
  ['python-home', `python-home: [x]\n${app}`],
  [
    'restrict-process, without which process-group may be any',
    'applications: [{ match: ^/(?<g>a), script: a.wsgi, process-group: "${g}", restrict-process: [] }]',
  ],
  ['mount', 'applications: [{ mount: a, script: a.wsgi }]'],
  ['script', 'applications: [{ mount: /a }]'],
  ['what maximum-requests-jitter hangs on', `maximum-requests: x\nmaximum-requests-jitter: 5\n${app}`],
  ['whole application', 'applications: [{ mount: /a, script: a, module: b }]'],
])('with a wrong %s it is not', (_what, text) => {
  expect(sound(text)).toBeNull()
})

test.each([
  ['defaults as a whole', 'defaults: [x]'],
  ['an option of defaults that others hang on', 'defaults: { supplementary-groups: x y }'],
  ['what may be meant as defaults', 'default: { user: web }'],
  ['groups', 'groups: {}'],
  ['log-dir', 'log-dir: [x]'],
])('without %s, which is wrong, nothing of the groups is looked at', (_what, text) => {
  expect(parseServerFile(source(text))).toMatchObject({ ok: false, sound: null })
})

test('a wsgid.yaml with a bad limit, or a bad default, still says what its groups are checked with', () => {
  const result = parseServerFile(source('user: web\nheader-timeout: x\ndefaults: { threads: 0, umask: 027 }'))
  expect(result).toMatchObject({
    ok: false,
    sound: { options: { user: 'web', defaults: { umask: expect.anything() } } },
  })
})
