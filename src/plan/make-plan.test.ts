import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { renderPlace, sortDiagnostics } from '../config/diagnostics.ts'
import { aConfiguration, goodPlan, someFacts, someInstances, type Machine } from '../../test/support/facts.ts'
import { gid, uid } from '../units.ts'
import { makePlan } from './make-plan.ts'
import type { ServerPlan } from './plan.ts'

const app = 'applications: [{ script: /srv/app.wsgi }]\n'

type Asked = Readonly<{ groups?: Readonly<Record<string, string>>; server?: string; on?: Machine }>

const someGroups = { a: `user: trac\n${app}` }

function plan({ groups = someGroups, server, on }: Asked) {
  const configuration = aConfiguration(groups, server)
  return makePlan(configuration, someFacts(configuration, on))
}

const planned = ({ groups = someGroups, server, on }: Asked): ServerPlan => goodPlan(aConfiguration(groups, server), on)

/** Place and text of everything that is wrong. */
function errors(asked: Asked): readonly string[] {
  const result = plan(asked)
  return result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)
}

test('a group runs as its user, with the groups of the account', () => {
  const [group] = planned({ on: { memberships: { trac: [50, 33] } } }).groups
  expect(group?.identity).toEqual({
    uid: 1001,
    gid: 1001,
    groups: [33, 50, 1001],
    userName: 'trac',
    groupName: 'trac',
    homeDirectory: '/home/trac',
    shell: '/bin/sh',
  })
})

test.each([
  ['supplementary-groups replaces the groups of the account', 'supplementary-groups: [staff]', [50, 1001]],
  ['an empty list of supplementary groups leaves the primary one', 'supplementary-groups: []', [1001]],
  ['group replaces the primary group', 'group: staff', [33, 50]],
])('%s', (_claim, options, groups) => {
  const asked = { groups: { a: `user: trac\n${options}\n${app}` }, on: { memberships: { trac: [33] } } }
  expect(planned(asked).groups[0]?.identity.groups).toEqual(groups)
})

test('a group without user runs as nobody when wsgid is root', () => {
  expect(planned({ groups: { a: app } }).groups[0]?.identity.userName).toBe('nobody')
})

test('a uid needs no account: without group its gid has the same number', () => {
  const identity = planned({ groups: { a: `user: 5000\n${app}` } }).groups[0]?.identity
  expect(identity).toMatchObject({ uid: 5000, gid: 5000, groups: [5000], userName: '5000' })
})

test('a uid needs no account when a group is named', () => {
  const identity = planned({ groups: { a: `user: 5000\ngroup: 5001\n${app}` } }).groups[0]?.identity
  expect(identity).toMatchObject({ uid: 5000, gid: 5001, groups: [5001], userName: '5000', homeDirectory: '/' })
})

test.each([
  ['root', 'user: root', 'groups.d/a.yaml:1:7: user "root" is root (uid 0)'],
  ['uid 0', 'user: 0', 'groups.d/a.yaml:1:7: user "0" is root (uid 0)'],
  ["root's group", 'user: trac\ngroup: root', 'groups.d/a.yaml:2:8: group "root" is that of root (gid 0)'],
  ['gid 0', 'user: trac\ngroup: 0', 'groups.d/a.yaml:2:8: group "0" is that of root (gid 0)'],
  [
    'gid 0 as a further group',
    'user: trac\nsupplementary-groups: [staff, 0]',
    'groups.d/a.yaml:2:31: group "0" is that of root (gid 0)',
  ],
  [
    "an account whose primary group is root's",
    'user: operator',
    'groups.d/a.yaml:1:7: the primary group of user "operator" is that of root (gid 0)',
  ],
  [
    "an account that is a member of root's group",
    'user: trusted',
    'groups.d/a.yaml:1:7: a group of user "trusted" is that of root (gid 0)',
  ],
  ['an unknown user', 'user: trak', 'groups.d/a.yaml:1:7: there is no user "trak" on this machine'],
  [
    'a uid without an account whose number is the gid of a group',
    'user: 50',
    'groups.d/a.yaml:1:7: uid 50 has no account to tell its primary group, and gid 50 is that of group "staff"',
  ],
  ['an unknown group', 'user: trac\ngroup: x', 'groups.d/a.yaml:2:8: there is no group "x" on this machine'],
  [
    'an unknown further group',
    'user: trac\nsupplementary-groups: [staff, x]',
    'groups.d/a.yaml:2:31: there is no group "x" on this machine',
  ],
])('%s is refused at its place', (_whom, options, expected) => {
  const operator = { name: 'operator', uid: uid(11), gid: gid(0), home: '/', shell: '/bin/sh' }
  const trusted = { ...operator, name: 'trusted', uid: uid(12), gid: gid(12) }
  const on = { accounts: [operator, trusted], memberships: { operator: [0], trusted: [12, 0] } }
  expect(errors({ groups: { a: `${options}\n${app}` }, on })).toEqual([expected])
})

// Whose its files are cannot be judged, whether they are there can.
test('files that are missing are told together with a user that is', () => {
  const on = { files: { '/nowhere': null, '/srv/other.wsgi': { uid: 1001 } } }
  const group = 'user: trak\nhome: /nowhere\napplications: [{ mount: /a, script: /srv/other.wsgi }]'
  expect(errors({ groups: { a: group }, on })).toEqual([
    'groups.d/a.yaml:1:7: there is no user "trak" on this machine',
    'groups.d/a.yaml:2:7: home "/nowhere" does not exist',
  ])
})

test.each([
  ['unknown', {}, ['groups.d/a.yaml:1:7: there is no user "trak" on this machine']],
  ['not to be had', { uid: 1001 }, ['groups.d/a.yaml:1:7: user "trak" cannot be had: wsgid runs as trac:trac']],
])('nothing is said of who may read the files of a group whose user is %s', (_what, machine, expected) => {
  const closed = { uid: 1002, gid: 1002, mode: 0o700 }
  const files = { '/srv': closed, '/srv/eggs': closed, '/srv/a.wsgi': { ...closed, mode: 0o600 } }
  const own = { '/tmp/wsgid-1001': null, '/home/trac/.local/state/wsgid': null }
  // What gatherFacts gives: the file of users is read for nobody.
  const application = '{ mount: /a, script: /srv/a.wsgi, auth: { realm: T, users: /srv/x.htpasswd } }'
  const group = `user: trak\nhome: /srv\npython-eggs: /srv/eggs\napplications: [${application}]`
  expect(errors({ groups: { a: group }, on: { ...machine, files: { ...files, ...own } } })).toEqual(expected)
})

test.each([
  ['trac', 'user: operator\ngroup: trac\nsupplementary-groups: [staff]', [50, 1001]],
  ['nothing further', 'user: operator\ngroup: trac\nsupplementary-groups: []', [1001]],
])("an account of root's group may run a group as %s instead", (_whom, options, groups) => {
  const on = { accounts: [{ name: 'operator', uid: uid(11), gid: gid(0), home: '/', shell: '/bin/sh' }] }
  expect(planned({ groups: { a: `${options}\n${app}` }, on }).groups[0]?.identity.groups).toEqual(groups)
})

test.each([
  ['its file is called so', 'wsgid', app, 'groups.d/wsgid.yaml: '],
  ['name says so', 'a', `name: wsgid\n${app}`, 'groups.d/a.yaml:1:7: '],
])('a group cannot be called as the server’s own log is: %s', (_how, file, text, place) => {
  const what = 'a group cannot have the name "wsgid": wsgid.log is the log of the server itself'
  expect(errors({ groups: { [file]: text } })).toEqual([`${place}${what}`])
})

test('without root every group runs as the current user, and naming anyone else is an error', () => {
  const on = { uid: 1001, files: { '/tmp/wsgid-1001': null, '/home/trac/.local/state/wsgid': null } }
  expect(planned({ on }).groups[0]?.identity.uid).toBe(1001)
  expect(planned({ on }).routerIdentity.uid).toBe(1001)
  expect(errors({ groups: { a: `user: games\ngroup: games\n${app}` }, on })).toEqual([
    'groups.d/a.yaml:1:7: user "games" cannot be had: wsgid runs as trac:trac',
    'groups.d/a.yaml:2:8: group "games" cannot be had: wsgid runs as trac:trac',
  ])
})

test.each([
  ['www-data when there is no wsgid', 'user: trac', 'www-data'],
  ['nobody when a group is www-data', 'user: www-data', 'nobody'],
  ['nobody when a group has the gid of www-data', 'user: trac\nsupplementary-groups: [www-data]', 'nobody'],
])('the routers run as %s', (_claim, options, expected) => {
  expect(planned({ groups: { a: `${options}\n${app}` } }).routerIdentity.userName).toBe(expected)
})

test('the routers run as a uid without account when all their accounts are tenants', () => {
  const groups = {
    a: `user: www-data\n${app}`,
    b: `user: nobody\napplications: [{ mount: /b, script: /srv/app.wsgi }]`,
    c: `user: 61184\ngroup: 61184\napplications: [{ mount: /c, script: /srv/app.wsgi }]`,
  }
  expect(planned({ groups }).routerIdentity).toMatchObject({ uid: 61_185, gid: 61_185, groups: [61_185] })
})

test.each([
  ['user: trac', 'wsgid.yaml:1:7: user "trac" of the routers shares uid 1001 with group a (groups.d/a.yaml:1:7)'],
  ['user: root', 'wsgid.yaml:1:7: user "root" is root (uid 0)'],
])('routers with "%s" are refused', (server, expected) => {
  expect(errors({ server })).toEqual([expected])
})

test.each([
  [
    'two groups of one name',
    { a: `name: x\nuser: trac\n${app}`, x: 'user: games\napplications: [{ mount: /x, script: /srv/app.wsgi }]' },
    'groups.d/x.yaml: group name "x" is also that of groups.d/a.yaml:1:7',
  ],
  [
    'one mount in two groups',
    { a: `user: trac\n${app}`, b: `user: games\n${app}` },
    'groups.d/b.yaml:2:16: mount "/" on any host is also that of groups.d/a.yaml:2:16',
  ],
  [
    'any host, by "*" and by no hosts',
    { a: 'user: trac\napplications: [{ script: /srv/app.wsgi, hosts: [a.example, "*"] }]', b: `user: games\n${app}` },
    'groups.d/b.yaml:2:16: mount "/" on any host is also that of groups.d/a.yaml:2:16',
  ],
  [
    'one host and mount twice in a group',
    {
      a: 'user: trac\napplications:\n  - { script: /srv/app.wsgi, hosts: [A.example] }\n  - { script: /srv/app.wsgi, hosts: [b.example, a.example] }',
    },
    'groups.d/a.yaml:4:5: mount "/" on host "a.example" is also that of groups.d/a.yaml:3:5',
  ],
])('%s is an error that names both places', (_claim, groups, expected) => {
  expect(errors({ groups })).toEqual([expected])
})

test('a route may be taken as often as there are hosts for it', () => {
  const names = fc.uniqueArray(fc.constantFrom('a.example', 'b.example', '*.c.example', 'd.example'), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 6 }), (lists) => {
      const applications = lists.map((hosts) => `  - { script: /srv/app.wsgi, hosts: ${JSON.stringify(hosts)} }`)
      const doubles = lists.flat().length - new Set(lists.flat()).size
      expect(errors({ groups: { a: `user: trac\napplications:\n${applications.join('\n')}` } })).toHaveLength(doubles)
    }),
  )
})

test('the same listen address twice is an error, port 0 is not', () => {
  expect(planned({ server: 'listen: ["127.0.0.1:0", "127.0.0.1:0"]' }).listeners).toHaveLength(2)
  expect(errors({ server: 'listen: ["[::]:80", "[::]:80"]' })).toEqual([
    'wsgid.yaml:1:21: this address is also that of wsgid.yaml:1:10',
  ])
})

test.each([
  [0, 'root', '/run/wsgid', '/var/log/wsgid'],
  [1001, 'anybody else', '/tmp/wsgid-1001', '/home/trac/.local/state/wsgid'],
])('as uid %d (%s) the sockets are in %s and the logs in %s', (id, _who, runDir, logDir) => {
  const on = { uid: id, files: { [runDir]: null, [logDir]: null } }
  expect(planned({ on })).toMatchObject({ runDir, logDir })
})

test('a socket path that the kernel does not take is told with what else is wrong', () => {
  const [server, groups] = [`run-dir: /${'r'.repeat(90)}`, { a: `user: trak\nhome: /nowhere\n${app}` }]
  expect(errors({ server, groups, on: { files: { '/nowhere': null } } })).toHaveLength(3)
})

test('a socket path that the kernel does not take is an error', () => {
  expect(errors({ server: `run-dir: /${'r'.repeat(90)}` })).toEqual([
    `groups.d/a.yaml: socket path "/${'r'.repeat(90)}/groups/a/000.sock" has 109 bytes, the kernel takes 107`,
  ])
})

test('the environment is built from nothing, and env adds to it as the file writes it', () => {
  const groups = { a: `user: trac\nenv: { PORT: 0080, DEBUG: true, TMPDIR: /var/tmp }\n${app}` }
  expect(planned({ groups, server: 'defaults: { env: { TZ: UTC, PORT: 1 } }' }).groups[0]?.environment).toEqual({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/home/trac',
    USER: 'trac',
    LOGNAME: 'trac',
    SHELL: '/bin/sh',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TMPDIR: '/var/tmp',
    TZ: 'UTC',
    PORT: '0080',
    DEBUG: 'true',
  })
})

test('a group option beats that of defaults, which beats the built-in one; paths resolve against their own file', () => {
  const groups = { a: `user: trac\nthreads: 3\napplications: [{ script: app.wsgi }]` }
  const [group] = planned({ groups, server: 'defaults: { threads: 2, processes: 4, python: venv/python3 }' }).groups
  expect(group).toMatchObject({
    threads: 3,
    processes: 4,
    queueTimeout: 45_000,
    responseBufferSize: 8_388_608,
    python: '/etc/wsgid/venv/python3',
    applications: [
      { mount: '', entry: { kind: 'script', path: '/etc/wsgid/groups.d/app.wsgi', callable: 'application' } },
    ],
  })
})

const eachSite =
  'for-each: /srv/*\nuser: ${owner}\napplications: [{ mount: "/${instance}", script: "/srv/${instance}/a.wsgi" }]'

/** The plan of a file with for-each and the directories a, b and c in /srv. */
function planOfInstances(on: Machine, text = eachSite) {
  const configuration = someInstances(text, { foundIn: '/srv', names: ['a', 'b', 'c'] })
  return makePlan(configuration, someFacts(configuration, on))
}

test('an instance of for-each that cannot run for its own files is left out, and the others run', () => {
  const result = planOfInstances({ files: { '/srv/b/a.wsgi': null, '/srv/c/a.wsgi': { mode: 0o666 } } })
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics))
  expect(result.plan.groups.map(({ name }) => name)).toEqual(['a'])
  expect(result.leftOut).toEqual(['b', 'c'])
  expect(result.warnings.map((each) => `${renderPlace(each)}: ${each.what}`)).toEqual([
    'groups.d/sites.yaml:3:49 (instance b): script "/srv/b/a.wsgi" does not exist; the group is left out',
    expect.stringContaining('groups.d/sites.yaml:3:49 (instance c): script "/srv/c/a.wsgi" is writable by everyone'),
  ])
})

test('what is wrong with all instances of for-each alike is an error, and one only', () => {
  const result = planOfInstances({ files: { '/opt/python3': null } }, `python: /opt/python3\n${eachSite}`)
  const found = result.ok ? [] : sortDiagnostics(result.diagnostics)
  expect(found.map((each) => `${renderPlace(each)}: ${each.what}`)).toEqual([
    'groups.d/sites.yaml:1:9: python "/opt/python3" does not exist',
  ])
})

test('two instances of for-each on one mount are an error that names both', () => {
  const result = planOfInstances({}, eachSite.replace('/${instance}"', '/one"'))
  expect(result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)).toEqual(
    ['b', 'c'].map(
      (name) =>
        `groups.d/sites.yaml:3:16 (instance ${name}): mount "/one" on any host is also that of groups.d/sites.yaml:3:16 (instance a)`,
    ),
  )
})

test('as root the directory that holds the directories of for-each must be safe from others', () => {
  const result = planOfInstances({ files: { '/srv': { uid: 1001, kind: 'directory' } } })
  expect(result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)).toEqual([
    'groups.d/sites.yaml:1:11: directory of for-each "/srv" belongs to "trac" (trac:root 0755)',
  ])
  expect(
    planOfInstances(
      { uid: 1001, files: { '/srv': { uid: 1002 }, '/tmp/wsgid-1001': null, '/home/trac/.local/state/wsgid': null } },
      eachSite.replace('user: ${owner}\n', ''),
    ).ok,
  ).toBe(true)
})
