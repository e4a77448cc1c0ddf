import { expect, test } from '@jest/globals'
import { aConfiguration, someFacts, someInstances, type Machine } from '../../test/support/facts.ts'
import { parseCredentials } from './credential-files.ts'
import { diffPlans } from './diff.ts'
import { makePlan } from './make-plan.ts'

const sha = '{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M='
const users = '/srv/site/.htpasswd'
const texts = { [users]: `joe:${sha}\n` }

function planOf(application: string, machine: Machine) {
  const text = `user: trac\napplications:\n  - script: /srv/site/app.wsgi\n    ${application}\n`
  const configuration = aConfiguration({ a: text })
  return makePlan(configuration, someFacts(configuration, machine))
}

const wrongWith = (application: string, machine: Machine): readonly string[] => {
  const result = planOf(application, machine)
  return result.ok ? [] : result.diagnostics.map(({ line, code, what }) => `${line ?? 0} ${code} ${what}`)
}

const auth = `auth: { realm: T, users: ${users} }`
const tenants = { uid: 1001, gid: 1001 }

test('a file that root alone can change need not be readable for the tenant', () => {
  expect(wrongWith(auth, { texts, files: { [users]: { mode: 0o600 } } })).toEqual([])
})

test.each([
  ['in a directory of the tenant, of another tenant', { '/srv/site': tenants, [users]: { uid: 1002, mode: 0o600 } }],
  ['in a directory of the tenant, of root', { '/srv/site': tenants, [users]: { mode: 0o640 } }],
])('a file that the tenant could not read is not read for him: %s', (_, files) => {
  expect(wrongWith(auth, { texts, files })).toEqual([
    expect.stringMatching(/^4 unusable-path users ".*" cannot be read by user "trac"/),
  ])
})

test('a file that others may write to is refused', () => {
  expect(wrongWith(auth, { texts, files: { [users]: { ...tenants, mode: 0o666 } } })).toEqual([
    expect.stringMatching(/^4 unsafe-path users ".*" is writable by everyone/),
  ])
})

test('what is not a line of the file is told with its number and without its text', () => {
  const wrong = wrongWith(auth, { texts: { [users]: `# all\njoe:${sha}\nann:hunter2\nbob\n` } })
  expect(wrong).toEqual([expect.stringMatching(/users ".*", line 3: no hash of bcrypt.*, and 1 more lines$/)])
  expect(wrong.join()).not.toMatch(/hunter2|ann/)
  expect(wrongWith(auth, { files: { [users]: null } })).toEqual([expect.stringMatching(/cannot be read: ENOENT/)])
})

test('of the lines of one user the first holds, as in Apache, and a third field says nothing', () => {
  expect(parseCredentials(`joe:${sha}:x\r\n`, 'basic')).toEqual({ entries: [['joe', sha]], wrong: [] })
  expect(parseCredentials('staff: a b\nother:\n', 'groups').entries).toEqual([['staff', 'a', 'b'], ['other']])
})

test('an instance of for-each has files of its own by ${instance} and ${owner}; one that is broken leaves out that instance alone', () => {
  const text =
    'for-each: /srv/sites/*\nuser: ${owner}\napplications:\n  - mount: /${instance}\n    script: /srv/site/app.wsgi\n' +
    '    auth: { realm: T, users: "/srv/sites/${instance}/${owner}.htpasswd" }\n'
  const names = ['one', 'two', 'broken']
  const configuration = someInstances(text, { foundIn: '/srv/sites', names })
  const path = (name: string): string => `/srv/sites/${name}/trac.htpasswd`
  const good = { [path('one')]: `joe:${sha}\n`, [path('two')]: '' }
  const result = makePlan(
    configuration,
    someFacts(configuration, { texts: { ...good, [path('broken')]: 'ann:hunter2\n' } }),
  )
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics))
  const files = result.plan.groups.map(({ name, applications }) => [name, applications[0]?.auth?.users])
  expect(files).toEqual([
    ['one', path('one')],
    ['two', path('two')],
  ])
  expect(result.leftOut).toEqual(['broken'])
  expect(result.warnings.map(({ what }) => what)).toEqual([expect.stringMatching(/line 1: .*; the group is left out$/)])
})

test('a digest file without anybody of the realm lets nobody in, which is an error', () => {
  const digest = `auth: { type: digest, realm: T, users: ${users} }`
  expect(wrongWith(digest, { texts: { [users]: `joe:Other:${'0'.repeat(32)}\n` } })).toEqual([
    expect.stringMatching(/has nobody of the realm "T"$/),
  ])
  expect(wrongWith(digest, { texts: { [users]: `joe:T:${'0'.repeat(64)}\n` } })).toEqual([])
})

test('a static directory must be open to the routers, and nobody but root may lead them elsewhere', () => {
  const directory = 'static: { /a: /srv/files }'
  expect(wrongWith(directory, {})).toEqual([])
  expect(wrongWith(directory, { files: { '/srv/files': { mode: 0o700 } } })).toEqual([
    expect.stringMatching(/^4 unusable-path static directory "\/srv\/files" cannot be entered by the routers/),
  ])
  expect(wrongWith(directory, { files: { '/srv': { kind: 'link', uid: 1001 } } })).toEqual([
    expect.stringMatching(/^4 unsafe-path link "\/srv" to static directory .* belongs to "trac"/),
  ])
  expect(wrongWith(directory, { files: { '/srv/files': { kind: 'file' } } })).toEqual([
    expect.stringMatching(/is not a directory$/),
  ])
})

test('a change of auth or static is told to the routers and replaces no worker', () => {
  const [plain, guarded, served] = ['callable: app', auth, 'static: { /a: /srv/files }'].map((line) =>
    planOf(line.startsWith('callable') ? line : `callable: app\n    ${line}`, { texts }),
  )
  if (!plain?.ok || !guarded?.ok || !served?.ok) throw new Error('the plans of this test are wrong')
  for (const wanted of [guarded.plan, served.plan])
    expect(diffPlans(plain.plan, wanted)).toMatchObject({ roll: [], reroute: [{ name: 'a' }] })
})
