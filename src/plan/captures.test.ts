// process-group, captures and application-group: who serves what, and what is refused.
import { expect, test } from '@jest/globals'
import { aConfiguration, goodPlan, someFacts, type Machine } from '../../test/support/facts.ts'
import { renderPlace } from '../config/diagnostics.ts'
import { diffPlans } from './diff.ts'
import { makePlan } from './make-plan.ts'
import type { ServerPlan } from './plan.ts'

type Groups = Readonly<Record<string, string>>

function result(groups: Groups, on?: Machine) {
  const configuration = aConfiguration(groups)
  return makePlan(configuration, someFacts(configuration, on))
}

const planned = (groups: Groups): ServerPlan => goodPlan(aConfiguration(groups))

const errors = (groups: Groups, on?: Machine): readonly string[] => {
  const made = result(groups, on)
  return made.ok ? [] : made.diagnostics.map((each) => `${renderPlace(each)}: ${each.what} | ${each.cure}`)
}

const one = (options: string): Groups => ({ a: `user: trac\napplications:\n  - script: /srv/app.wsgi\n    ${options}` })
const sites = (more = '') =>
  `applications:\n  - match: ^/trac/(?<site>[^/]+)\n    script: /srv/trac.wsgi\n    process-group: \${site}\n${more}`

test.each([
  [
    'environ: { a: "${site}" }',
    'groups.d/a.yaml:4:19: ${site} is not a capture of a match: there is none | give the application a match: instead of a mount, such as ^/trac/(?<site>[^/]+); text that is meant as it stands is written $${site}',
  ],
  [
    'match: ^/(?<site>x)\n    require-file: /srv/${sitte}/x',
    'groups.d/a.yaml:5:19: ${sitte} is not a capture of match "^/(?<site>x)" | did you mean ${site}?; text that is meant as it stands is written $${sitte}',
  ],
  [
    'match: ^/(?<site>x)\n    process-group: g-${other}',
    'groups.d/a.yaml:5:20: ${other} is not a capture of match "^/(?<site>x)" | name a part of match (?<other>…); text that is meant as it stands is written $${other}',
  ],
  [
    'match: ^/(?<site>x)\n    auth: { realm: T, users: "/srv/${site}/users" }',
    'groups.d/a.yaml:5:30: ${site} means nothing in auth: captures are for script, require-file, process-group and environ | write the path out; with for-each, which makes a group of each directory, ${instance} and ${owner} can stand here',
  ],
  [
    'auth: { realm: T, users: /srv/.htpasswd, groups: "${owner}/groups", require: { groups: [a] } }',
    'groups.d/a.yaml:4:54: ${owner} means nothing in auth: captures are for script, require-file, process-group and environ | write the path out; with for-each, which makes a group of each directory, ${instance} and ${owner} can stand here',
  ],
  [
    'match: ^/(?<site>x)\n    static: { /a: "/srv/${site}/files" }',
    'groups.d/a.yaml:5:19: ${site} means nothing in static: captures are for script, require-file, process-group and environ | write the path out; with for-each, which makes a group of each directory, ${instance} and ${owner} can stand here',
  ],
  ...['restrict-process: b', 'restrict-process: b\n    process-group: a'].map((options) => [
    options,
    'groups.d/a.yaml:4:23: restrict-process has nothing to restrict: no URL chooses the group of this application | let one choose, process-group: ${site} with a capture of match, or remove the line',
  ]),
  ['process-group: b', 'groups.d/a.yaml:4:20: there is no group "b" | did you mean "a"?'],
  [
    'application-group: "%{HOST}"',
    'groups.d/a.yaml:4:24: application-group "%{HOST}" needs hosts that are named one by one: each has workers of its own | list them in hosts: without "*."',
  ],
  [
    'match: ^/x\n    application-group: "%{RESOURCE}"',
    'groups.d/a.yaml:5:24: application-group "%{RESOURCE}" cannot be told beforehand where match decides | let the URL choose a group, process-group: ${site}, or give a name',
  ],
  [
    'aliases: [www.example.org]',
    'groups.d/a.yaml:4:14: aliases have nowhere to lead: hosts does not begin with an exact name | name the host that visitors shall see first in hosts:',
  ],
])('%j is refused at its place', (options, expected) => {
  expect(errors(one(options), { texts: { '/srv/.htpasswd': '' } })).toEqual([expected])
})

test('a group without applications that nobody directs any to is refused', () => {
  expect(errors({ ...one('mount: /x'), b: 'user: games\n' })).toEqual([
    'groups.d/b.yaml:1:1: applications is missing | add a list of at least one application, each with script or module, for example "applications: [{ mount: /trac, script: /srv/site-1/trac.wsgi }]"',
  ])
})

test('two applications on one match, or an alias that is somebody’s host, name both places', () => {
  const match = 'applications: [{ match: ^/x, script: /srv/app.wsgi }]'
  expect(errors({ a: `user: trac\n${match}`, b: `user: games\n${match}` })).toEqual([
    'groups.d/b.yaml:2:16: match "^/x" on any host is also that of groups.d/a.yaml:2:16 | a request can go to only one application: change the match or the hosts of one of the two',
  ])
  const host = 'applications: [{ script: /srv/app.wsgi, hosts: [a.example] }]'
  const alias = 'applications: [{ script: /srv/app.wsgi, hosts: [b.example], aliases: [a.example] }]'
  expect(errors({ a: `user: trac\n${host}`, b: `user: games\n${alias}` })[0]).toContain(
    'groups.d/b.yaml:2:16: mount "/" on host "a.example" is also that of groups.d/a.yaml:2:16',
  )
})

test('an application whose group the URL chooses is in all that it may choose, by their names', () => {
  const { groups } = planned({
    sites: sites('    restrict-process: [site-*, "other?"]'),
    'site-1': 'user: trac',
    'site-22': 'user: games',
    other1: 'user: www-data\napplications: [{ mount: /own, script: /srv/own.wsgi }]',
    another: 'user: www-data\napplications: [{ mount: /another, script: /srv/own.wsgi }]',
  })
  expect(groups.map(({ name, applications }) => [name, applications.map(({ match, lazy }) => [match, lazy])])).toEqual([
    ['site-1', [['^/trac/(?<site>[^/]+)', false]]],
    ['site-22', [['^/trac/(?<site>[^/]+)', false]]],
    // It has something of its own to do: what a URL may ask of it is loaded when one does.
    [
      'other1',
      [
        [null, false],
        ['^/trac/(?<site>[^/]+)', true],
      ],
    ],
    ['another', [[null, false]]],
  ])
})

test('a script must be readable and safe for each user that it may run as', () => {
  const files = { '/srv/trac.wsgi': { uid: 1001, gid: 1001, mode: 0o660 } }
  const found = errors({ sites: sites('    restrict-process: s?'), s1: 'user: trac', s2: 'user: games' }, { files })
  expect(found.map((each) => each.split(' | ')[0])).toEqual([
    'groups.d/sites.yaml:3:13: script "/srv/trac.wsgi" is writable by group "trac" (trac:trac 0660)',
    'groups.d/sites.yaml:3:13: script "/srv/trac.wsgi" cannot be read by user "games": trac:trac 0660',
  ])
})

test('variables with captures are the routers’: when they change no worker does', () => {
  const of = (text: string) => planned({ s: `user: trac\n${sites(`    environ: { a: "${text}", b: "$\${x}" }`)}` })
  const [group] = of('/srv/${site}').groups
  expect(group?.applications[0]).toMatchObject({ environ: { b: '${x}' }, capturedEnviron: { a: '/srv/${site}' } })
  const diff = diffPlans(of('/srv/${site}'), of('/other/${site}'))
  expect([diff.roll, diff.reroute.map(({ name }) => name)]).toEqual([[], ['s']])
})

test('a group has a part for each application-group', () => {
  const { groups } = planned({
    a: `user: trac
applications:
  - { mount: /a, script: /srv/app.wsgi }
  - { mount: /b, script: /srv/app.wsgi, application-group: "%{RESOURCE}", hosts: [x.example] }
  - { mount: /c, script: /srv/app.wsgi, application-group: "%{SERVER}", hosts: [x.example] }
  - { mount: /d, script: /srv/app.wsgi, application-group: "%{HOST}", hosts: [x.example, y.example] }`,
  })
  expect(
    groups.map(({ name, processGroup, applicationGroup, applications }) => [
      name,
      processGroup,
      applicationGroup,
      applications.map(({ mount }) => mount).join(),
    ]),
  ).toEqual([
    ['a', 'a', '', '/a'],
    ['a~x.example_7c_2fb', 'a', 'x.example|/b', '/b'],
    ['a~x.example', 'a', 'x.example', '/c,/d'],
    ['a~y.example', 'a', 'y.example', '/d'],
  ])
})
