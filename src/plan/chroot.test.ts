import { expect, test } from '@jest/globals'
import { renderPlace } from '../config/diagnostics.ts'
import { aConfiguration, someFacts, type Machine } from '../../test/support/facts.ts'
import { gid, uid } from '../units.ts'
import type { PathFacts } from './facts.ts'
import { makePlan } from './make-plan.ts'

const group = `user: trac
chroot: /srv/jail
python: bin/python3
home: /app
python-path: lib
applications: [{ script: app/app.wsgi }]
`

function plan(files: Machine['files'] = {}) {
  const configuration = aConfiguration({ a: group })
  return makePlan(configuration, someFacts(configuration, { files }))
}

const errors = (files: Machine['files']): readonly string[] => {
  const result = plan(files)
  return result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)
}

test('in a chroot paths are those inside of it, relative ones start at its root', () => {
  expect(plan()).toMatchObject({
    ok: true,
    plan: {
      groups: [
        {
          chroot: '/srv/jail',
          python: '/bin/python3',
          home: '/app',
          pythonPath: ['/lib'],
          applications: [{ entry: { path: '/app/app.wsgi' } }],
        },
      ],
    },
  })
})

test.each<[string, Machine['files'], string]>([
  [
    'a chroot of the tenant',
    { '/srv/jail': { kind: 'directory', uid: 1001, mode: 0o755 } },
    'groups.d/a.yaml:2:9: chroot "/srv/jail" belongs to "trac" (trac:root 0755)',
  ],
  [
    'a chroot that everyone can write',
    { '/srv/jail': { kind: 'directory', mode: 0o777 } },
    'groups.d/a.yaml:2:9: chroot "/srv/jail" is writable by everyone (root:root 0777)',
  ],
  [
    'a chroot in a directory of somebody else',
    { '/srv': { kind: 'directory', uid: 1002, mode: 0o755 } },
    'groups.d/a.yaml:2:9: directory "/srv" above chroot belongs to "games" (games:root 0755)',
  ],
  [
    'a chroot that is not there',
    { '/srv/jail': null },
    'groups.d/a.yaml:2:9: chroot "/srv/jail" cannot be entered: ENOENT at "/srv/jail"',
  ],
  ['a chroot that is a file', { '/srv/jail': { kind: 'file' } }, 'groups.d/a.yaml:2:9: chroot "/srv/jail" is a file'],
  [
    'a chroot without env',
    { '/srv/jail/usr/bin/env': null },
    'groups.d/a.yaml:2:9: chroot "/srv/jail" has no /usr/bin/env',
  ],
  [
    'a chroot without /dev/null',
    { '/srv/jail/dev/null': null },
    'groups.d/a.yaml:2:9: chroot "/srv/jail" has no /dev/null',
  ],
  [
    'a script that is only outside of the chroot',
    { '/srv/jail/app/app.wsgi': null },
    'groups.d/a.yaml:6:26: script "/app/app.wsgi" does not exist: there is no "/srv/jail/app/app.wsgi"',
  ],
  [
    'a python in the chroot that everyone can write',
    { '/srv/jail/bin/python3': { mode: 0o777 } },
    'groups.d/a.yaml:3:9: python "/srv/jail/bin/python3" is writable by everyone (root:root 0777)',
  ],
])('%s is refused', (_claim, files, expected) => {
  expect(errors(files)[0]).toEqual(expected)
})

test('a chroot behind a symbolic link is refused: what lies in it would be looked for beside it', () => {
  const configuration = aConfiguration({ a: group })
  const facts = someFacts(configuration)
  const target = { path: '/srv/real', kind: 'directory', uid: uid(0), gid: gid(0), mode: 0o755 } as const
  const way: PathFacts = { found: true, steps: [{ ...target, path: '/srv/jail', kind: 'link' }, target], target }
  expect(makePlan(configuration, { ...facts, paths: new Map([...facts.paths, ['/srv/jail', way]]) })).toMatchObject({
    ok: false,
    diagnostics: [
      {
        what: 'chroot "/srv/jail" leads through a symbolic link',
        cure: 'name it by its real path, /srv/real',
      },
    ],
  })
})
