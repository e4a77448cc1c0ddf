import { expect, test } from '@jest/globals'
import { renderPlace, renderReport, type Diagnostic } from './diagnostics.ts'
import { instanceOf, readForEach, type ForEach } from './for-each.ts'
import { checkGroupFile } from './parse.ts'
import { parseYaml, type YamlFile } from './yaml-file.ts'

function aFile(text: string): YamlFile {
  const yaml = parseYaml({ name: 'sites.yaml', path: '/etc/wsgid/groups.d/sites.yaml', text })
  if (!yaml.ok) throw new Error(JSON.stringify(yaml))
  return yaml.file
}

function aForEach(text: string): ForEach {
  const read = readForEach(aFile(text))
  if (!read.ok || read.forEach === null) throw new Error(JSON.stringify(read))
  return read.forEach
}

const shown = (diagnostics: readonly Diagnostic[]) => diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)

function errorsOf(text: string): readonly string[] {
  const read = readForEach(aFile(text))
  return read.ok ? [] : shown(read.diagnostics)
}

/** What is wrong with the groups of these instances. */
const errorsOfInstances = (text: string, names: readonly string[]) =>
  names.flatMap((name) => {
    const checked = checkGroupFile(instanceOf(aForEach(text), { name, owner: '1001' }))
    return checked.ok ? [] : checked.diagnostics
  })

const app = 'applications: [{ script: app.wsgi }]\n'

test('every text of the file has the name and the owner of the directory, keys and numbers stay', () => {
  const text = [
    'for-each: /srv/sites/*',
    'user: ${owner}',
    'threads: 3',
    'env: { SITE: "${instance}-${owner}", OTHER: "${site} $instance" }',
    'applications:',
    '  - { mount: "/${instance}", script: "/srv/sites/${instance}/a.wsgi", hosts: ["${instance}.example.org"] }',
  ]
  expect(instanceOf(aForEach(text.join('\n')), { name: 'a', owner: '1001' }).value).toEqual({
    name: 'a',
    'for-each': '/srv/sites/*',
    user: '1001',
    threads: 3,
    env: { SITE: 'a-1001', OTHER: '${site} $instance' },
    applications: [{ mount: '/a', script: '/srv/sites/a/a.wsgi', hosts: ['a.example.org'] }],
  })
})

test('a group is called like its directory, or as name says', () => {
  const valueOf = (text: string) => instanceOf(aForEach(text), { name: 'a', owner: '1' }).value
  expect(valueOf(`for-each: x/*\n${app}`)).toMatchObject({ name: 'a' })
  expect(valueOf('for-each: x/*\nname: trac-${instance}\n')).toMatchObject({ name: 'trac-a' })
})

test('a relative pattern starts at the directory of the file', () => {
  expect(aForEach(`for-each: ../sites/*\n${app}`).pattern).toBe('/etc/wsgid/sites/*')
})

test.each([
  [
    'a name that all groups would share',
    'for-each: x/*\nname: trac',
    '2:7: with for-each, name must contain ${instance}',
  ],
  [
    'a required path outside of the directory',
    'for-each: x/*\nfor-each-require: a/../../b',
    '2:19: for-each-require is "a/../../b", must be a path inside of the directory, without ".."',
  ],
  [
    'a variable without for-each',
    'env: { A: "${owner}" }',
    '1:11: ${owner} has a meaning only in a group file with for-each',
  ],
])('%s is an error', (_claim, text, expected) => {
  expect(errorsOf(`${text}\n${app}`)).toEqual([`sites.yaml:${expected}`])
})

test('for-each-require without for-each is an error', () => {
  const checked = checkGroupFile(aFile(`for-each-require: a\n${app}`))
  expect(checked.ok ? [] : shown(checked.diagnostics)).toEqual([
    'sites.yaml:1:19: for-each-require stands without for-each',
  ])
})

const twoMistakes = 'for-each: x/*\nthreds: 3\napplications: [{ script: a.wsgi, hosts: ["${instance}.org"] }]'

test('a mistake that depends on the instance names it, one of the file does not', () => {
  expect(shown(errorsOfInstances(twoMistakes, ['a..b'])).sort()).toEqual([
    'sites.yaml:2:1: unknown option "threds"',
    expect.stringMatching(/^sites\.yaml:3:42 \(instance a\.\.b\): an entry of hosts is "a\.\.b\.org"/),
  ])
})

test('the report shows a mistake of the file once and one of many instances three times', () => {
  const names = Array.from({ length: 50 }, (_, index) => `a..${index}`)
  const report = renderReport(errorsOfInstances(twoMistakes, names))
  expect(report).toContain('wsgid: 51 errors in sites.yaml')
  expect(report.match(/unknown option/g)).toHaveLength(1)
  expect(report.match(/must be/g)).toHaveLength(3)
  expect(report).toContain('sites.yaml:3:42: the same for 47 more instances')
})
