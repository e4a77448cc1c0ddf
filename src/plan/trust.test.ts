import { expect, test } from '@jest/globals'
import { renderPlace } from '../config/diagnostics.ts'
import { aConfiguration, someFacts, type Machine } from '../../test/support/facts.ts'
import { makePlan } from './make-plan.ts'

/** What is wrong with a group of user trac whose script is /srv/a/app.wsgi, on this machine. */
function errors(files: Machine['files'], uid = 0): readonly string[] {
  const text = 'user: trac\napplications: [{ script: /srv/a/app.wsgi }]'
  const configuration = aConfiguration({ a: text }, 'run-dir: /run/w\nlog-dir: "-"')
  const own = uid === 0 ? {} : { '/run/w': { kind: 'directory', mode: 0o700, uid } as const }
  const result = makePlan(configuration, someFacts(configuration, { uid, files: { ...own, ...files } }))
  return result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)
}

const directory = { kind: 'directory' } as const

test.each([
  [
    'a group file of somebody else',
    { '/etc/wsgid/groups.d/a.yaml': { uid: 1002 } },
    'groups.d/a.yaml: configuration file "/etc/wsgid/groups.d/a.yaml" belongs to "games" (games:root 0644)',
  ],
  [
    'wsgid.yaml that a group can write',
    { '/etc/wsgid/wsgid.yaml': { gid: 50, mode: 0o664 } },
    'wsgid.yaml: configuration file "/etc/wsgid/wsgid.yaml" is writable by group "staff" (root:staff 0664)',
  ],
  [
    'a directory above that everyone can write',
    { '/etc/wsgid/groups.d': { ...directory, mode: 0o777 } },
    'groups.d/a.yaml: directory "/etc/wsgid/groups.d" above configuration file is writable by everyone (root:root 0777)',
  ],
  [
    'a run-dir of somebody else',
    { '/run/w': { ...directory, uid: 1001, mode: 0o755 } },
    'wsgid.yaml:1:10: run-dir "/run/w" belongs to "trac" (trac:root 0755)',
  ],
  [
    'a run-dir that everyone can write, sticky or not',
    { '/run/w': { ...directory, mode: 0o1777 } },
    'wsgid.yaml:1:10: run-dir "/run/w" is writable by everyone (root:root 1777)',
  ],
  [
    'a python that everyone can write',
    { '/usr/bin/python3': { mode: 0o777 } },
    'groups.d/a.yaml: python "/usr/bin/python3" is writable by everyone (root:root 0777)',
  ],
  [
    'a python of another tenant',
    { '/usr/bin/python3': { uid: 1002, mode: 0o755 } },
    'groups.d/a.yaml: python "/usr/bin/python3" belongs to "games" (games:root 0755)',
  ],
  [
    'a python in a directory that a group can write',
    { '/usr/bin': { ...directory, gid: 50, mode: 0o775 } },
    'groups.d/a.yaml: directory "/usr/bin" of python is writable by group "staff" (root:staff 0775)',
  ],
  [
    'a python that cannot be executed',
    { '/usr/bin/python3': { mode: 0o644 } },
    'groups.d/a.yaml: python "/usr/bin/python3" cannot be executed by user "trac": root:root 0644',
  ],
  ['no python', { '/usr/bin/python3': null }, 'groups.d/a.yaml: python "/usr/bin/python3" does not exist'],
  [
    'a script that a group can write',
    { '/srv/a/app.wsgi': { gid: 50, mode: 0o664 } },
    'groups.d/a.yaml:2:26: script "/srv/a/app.wsgi" is writable by group "staff" (root:staff 0664)',
  ],
  [
    'a script that everyone can write',
    { '/srv/a/app.wsgi': { mode: 0o666 } },
    'groups.d/a.yaml:2:26: script "/srv/a/app.wsgi" is writable by everyone (root:root 0666)',
  ],
  [
    'a script in a directory that everyone can write',
    { '/srv/a': { ...directory, mode: 0o777 } },
    'groups.d/a.yaml:2:26: directory "/srv/a" of script is writable by everyone (root:root 0777)',
  ],
  [
    'a script that the user cannot read',
    { '/srv/a/app.wsgi': { uid: 1002, mode: 0o600 } },
    'groups.d/a.yaml:2:26: script "/srv/a/app.wsgi" cannot be read by user "trac": games:root 0600',
  ],
  [
    'a script in a directory that the user cannot enter',
    { '/srv': { ...directory, mode: 0o700 } },
    'groups.d/a.yaml:2:26: script "/srv/a/app.wsgi" cannot be read by user "trac": directory "/srv" is root:root 0700',
  ],
  [
    'a directory for a script',
    { '/srv/a/app.wsgi': { ...directory, mode: 0o755 } },
    'groups.d/a.yaml:2:26: script "/srv/a/app.wsgi" is a directory',
  ],
])('as root %s is refused with owner and mode', (_claim, files: Machine['files'], expected) => {
  expect(errors(files)).toEqual([expected])
})

test.each([
  ['a configuration below a sticky directory', { '/etc': { ...directory, mode: 0o1777 } }],
  ["a python of the group's own user", { '/usr/bin/python3': { uid: 1001, gid: 1001, mode: 0o775 } }],
  ["a script that the user's own group can write", { '/srv/a/app.wsgi': { uid: 1001, gid: 1001, mode: 0o664 } }],
  ['a script that only the user can read', { '/srv/a/app.wsgi': { uid: 1001, gid: 1001, mode: 0o600 } }],
  ['a script in a sticky directory', { '/srv/a': { ...directory, mode: 0o1777 } }],
])('as root %s is good', (_claim, files: Machine['files']) => {
  expect(errors(files)).toEqual([])
})

test('without root nobody gains rights by a file that others can write, and it is used', () => {
  const open = { '/srv/a/app.wsgi': { mode: 0o666 }, '/etc/wsgid/groups.d/a.yaml': { uid: 1002, mode: 0o666 } }
  expect(errors(open, 1001)).toEqual([])
})

test('the first class of permission bits that fits decides, as in the kernel', () => {
  expect(errors({ '/srv/a/app.wsgi': { uid: 1001, gid: 1001, mode: 0o044 } })).toEqual([
    'groups.d/a.yaml:2:26: script "/srv/a/app.wsgi" cannot be read by user "trac": trac:trac 0044',
  ])
})
