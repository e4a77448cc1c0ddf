import { expect, test } from '@jest/globals'
import { renderPlace } from '../config/diagnostics.ts'
import { aConfiguration, someFacts, someInstances, type Machine } from '../../test/support/facts.ts'
import { makePlan } from './make-plan.ts'

const app = (more: string): string =>
  `for-each: /srv/*\nuser: \${owner}\napplications:\n  - { mount: "/\${instance}", ${more} }\n`
const own = '  - { mount: "/own/${instance}", script: "/srv/${instance}/own.wsgi" }\n'
const shared = { shared: 'user: www-data\napplications: [{ mount: /shared, script: /srv/shared.wsgi }]' }

/** The plan of a file with for-each, the directories a, b and c in /srv, and a group that is nobody's. */
function planOf(text: string, on: Machine, groups: Readonly<Record<string, string>> = shared) {
  const instances = someInstances(text, { foundIn: '/srv', names: ['a', 'b', 'c'] })
  const configuration = { ...instances, groups: [...instances.groups, ...aConfiguration(groups).groups] }
  const result = makePlan(configuration, someFacts(configuration, on))
  if (!result.ok) return { errors: result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`) }
  return {
    mounts: result.plan.groups.map(({ name, applications }) => [name, applications.map(({ mount }) => mount)]),
    leftOut: result.leftOut,
    warnings: result.warnings.map((each) => `${renderPlace(each)}: ${each.what}`),
  }
}

test.each([
  ['a static directory', 'script: /srv/t.wsgi, static: { /s: "/srv/${instance}/htdocs" }', '/srv/b/htdocs'],
  ['a script', 'script: "/srv/${instance}/a.wsgi"', '/srv/b/a.wsgi'],
  [
    'a file of users',
    'script: /srv/t.wsgi, auth: { realm: T, users: "/srv/${instance}/users.htpasswd" }',
    '/srv/b/users.htpasswd',
  ],
])('a tenant who removes %s loses his application in a group that all share, and stops nobody', (_, more, gone) => {
  const texts = { '/srv/a/users.htpasswd': '', '/srv/c/users.htpasswd': '' }
  const found = planOf(app(`process-group: shared, ${more}`), { files: { [gone]: null }, texts })
  expect(found).toEqual({
    mounts: [['shared', ['/shared', '/a', '/c']]],
    leftOut: [],
    warnings: [expect.stringMatching(/\(instance b\): .*; the application is left out$/)],
  })
})

test('of several applications of a tenant in a group that all share, those go on whose files are there', () => {
  const other = '  - { mount: "/${instance}/x", process-group: shared, script: "/srv/${instance}/x.wsgi" }\n'
  const text = app('process-group: shared, script: "/srv/${instance}/a.wsgi"') + other
  expect(planOf(text, { files: { '/srv/b/a.wsgi': null } })).toEqual({
    mounts: [['shared', ['/shared', '/a', '/a/x', '/b/x', '/c', '/c/x']]],
    leftOut: [],
    warnings: [expect.stringMatching(/\(instance b\): script "\/srv\/b\/a\.wsgi" .*; the application is left out$/)],
  })
})

test('a tenant whose application any group may serve, chosen by the URL, takes nobody else’s group along', () => {
  const byUrl = '  - { match: "^/${instance}/(?<g>[^/]+)", process-group: "${g}", script: "/srv/${instance}/t.wsgi" }\n'
  const text = `for-each: /srv/*\nuser: \${owner}\napplications:\n${own}${byUrl}`
  const found = planOf(text, { files: { '/srv/b/t.wsgi': null } }, {})
  expect(found).toMatchObject({
    leftOut: ['b'],
    mounts: [
      ['a', expect.anything()],
      ['c', expect.anything()],
    ],
  })
  expect(JSON.stringify(found.mounts)).toContain('/own/c')
  expect(found.warnings).toHaveLength(2)
})

test('what is wrong with the shared group itself is an error', () => {
  const text = app('process-group: shared, script: "/srv/${instance}/a.wsgi"')
  const files = { '/srv/b/a.wsgi': null, '/srv/shared.wsgi': null }
  expect(planOf(text, { files }).errors).toHaveLength(2)
})

test('the missing env-file of one instance leaves out that one alone', () => {
  const text = `env-file: "/srv/\${instance}/x.env"\nfor-each: /srv/*\nuser: \${owner}\napplications:\n${own}`
  const [a, b, c] = ['a', 'b', 'c'].map((name) => `/srv/${name}/x.env`)
  const found = planOf(text, {
    files: { [a ?? '']: { mode: 0o600 }, [c ?? '']: { mode: 0o600 } },
    texts: { [a ?? '']: '', [c ?? '']: '' },
  })
  expect(found).toMatchObject({ leftOut: ['b'], warnings: [expect.stringContaining(b ?? '')] })
})
