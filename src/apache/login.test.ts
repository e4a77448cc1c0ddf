import { expect, test } from '@jest/globals'
import { asked, daemon, imported, login, mounted, within } from '../../test/support/apache-import.ts'

test('logins: Digest, groups, and users that are named', () => {
  const digest =
    'AuthType Digest\nAuthName "My site"\nAuthUserFile /srv/users\nAuthGroupFile /srv/groups\nRequire group staff\nRequire user joe'
  const { files } = imported(`${daemon}${mounted}${within('<Location /a>', digest)}`)
  expect(files['groups.d/a.yaml']).toMatchObject({
    applications: [
      {
        auth: {
          type: 'digest',
          realm: 'My site',
          users: '/srv/users',
          groups: '/srv/groups',
          require: { users: ['joe'], groups: ['staff'] },
        },
      },
    ],
  })
})

test('a login for a part of the sites of a match', () => {
  const location =
    '<LocationMatch "^/t/[^/]+/login">\nAuthType Basic\nAuthName T\nAuthUserFile /srv/u\nRequire valid-user\n</LocationMatch>'
  const { files } = imported(`${daemon}WSGIScriptAliasMatch ^/t/([^/]+) /srv/t.wsgi process-group=a\n${location}`)
  expect(files['groups.d/a.yaml']).toMatchObject({
    applications: [{ auth: { realm: 'T', users: '/srv/u', paths: ['/login'] } }],
  })
})

const authOf = (text: string) => {
  const { applications, remarks } = imported(`${daemon}${mounted}${text}`)
  const [application] = applications as readonly Record<string, unknown>[]
  return [application?.['auth'], remarks.map((remark) => remark.replace(/^\d+: not carried over: /, ''))]
}
const byAddress = 'clients are not told apart by where they come from: whoever reaches the listener may pass'

test.each([
  ['Require valid-user', asked, []],
  ['Require all granted', undefined, []],
  ['Require valid-user\nRequire all granted', undefined, []],
  ['Require user x "y z"', { ...asked, require: { users: ['x', 'y z'] } }, []],
  ['Require valid-user\nRequire ip 10.0.0.0/8', asked, [`Require ip 10.0.0.0/8: ${byAddress}`]],
  ['Require local', undefined, [`Require local: ${byAddress}`]],
  [
    '<RequireAny>\nRequire group s\nRequire user x\n</RequireAny>',
    { ...asked, groups: '/g', require: { users: ['x'], groups: ['s'] } },
    [],
  ],
  ['<RequireAll>\nRequire valid-user\nRequire ip ::1\n</RequireAll>', asked, [`Require ip ::1: ${byAddress}`]],
  [
    '<RequireAll>\nRequire all granted\nRequire valid-user\nRequire user x\n</RequireAll>',
    { ...asked, require: { users: ['x'] } },
    [],
  ],
  [
    '<RequireAll>\nRequire user x\nRequire group s\n</RequireAll>',
    { ...asked, require: { users: ['x'] } },
    ['Require group s: of several logins that must all be had there is only the first'],
  ],
  ['<RequireNone>\nRequire user x\n</RequireNone>\nRequire valid-user', asked, [`<RequireNone>: ${byAddress}`]],
])('%j is %j', (require, auth, remarks) => {
  expect(authOf(login(require))).toEqual([auth, remarks])
})

test('the innermost Require decides; what a part of an application cannot have is said', () => {
  const open = '<Location /a/open>\nRequire all granted\n</Location>\n'
  expect(authOf(login('Require valid-user') + open)).toEqual([
    asked,
    ['<Location /a/open>: what is around it asks for a password: it is asked here too'],
  ])
  expect(authOf(login('Require valid-user', 'Location /a/in') + open)).toEqual([{ ...asked, paths: ['/in'] }, []])
  const openInside = '<Location /a/in/pub>\nRequire all granted\n</Location>\n'
  expect(authOf(login('Require valid-user', 'Location /a/in') + openInside)).toEqual([
    { ...asked, paths: ['/in'] },
    ['<Location /a/in/pub>: what is around it asks for a password: it is asked here too'],
  ])
  expect(authOf(login('Require valid-user', 'Directory /srv') + login('Require all granted', 'Files a.wsgi'))).toEqual([
    undefined,
    [],
  ])
  expect(authOf(login('Require valid-user', 'Location /a/in') + login('Require user x', 'Location /a/too'))).toEqual([
    { ...asked, paths: ['/in', '/too'] },
    ['<Location /a/too>: an application has one login: the first holds here too'],
  ])
  expect(authOf('<Location /a/shut>\nRequire all denied\n</Location>')).toEqual([
    undefined,
    ['<Location /a/shut>: a part of an application cannot be closed: it is open now'],
  ])
  expect(
    authOf('<Location /a>\nAuthType Basic\nAuthName A\nAuthBasicProvider ldap\nRequire valid-user\n</Location>'),
  ).toEqual([
    undefined,
    [
      'AuthBasicProvider ldap: passwords are in files only',
      'Require valid-user: nobody is asked: a login needs AuthType Basic or Digest, AuthName and AuthUserFile',
    ],
  ])
})

test('a login for what is mounted deeper is not one of the application above', () => {
  const { applications } = imported(
    `${daemon}${mounted}WSGIScriptAlias / /srv/root.wsgi process-group=a\n${login('Require valid-user')}`,
  )
  expect(applications).toMatchObject([{ mount: '/a', auth: asked }, { mount: '/' }])
  expect(JSON.stringify(applications).match(/"auth"/g)).toHaveLength(1)
})

test('what closed something to some clients and is gone says so', () => {
  const { remarks } = imported(`${daemon}${mounted}<Location /a>\nRequire ip 10.0.0.0/8\nDeny from all\n</Location>`)
  expect(remarks).toHaveLength(2)
  for (const remark of remarks) expect(remark).toContain('whoever reaches the listener may pass')
})

const shut = 'Require all denied'
const atRoot = `${daemon}WSGIScriptAlias / /srv/a.wsgi process-group=a application-group=%{GLOBAL}\n`

test.each([
  ['<LocationMatch "^/(admin|internal)">', shut],
  ['<LocationMatch "^/(admin|internal)">', 'Require ip 10.0.0.0/8'],
  ['<LocationMatch "^/(admin|internal)">', 'Require valid-user'],
  ['<LocationMatch "^/(admin|internal)">', '<RequireAny>\nRequire user x\n</RequireAny>'],
  ['<LocationMatch "/admin">', shut],
  ['<LocationMatch "^/a|^/b">', shut],
  ['<Location "/*/admin">', shut],
  ['<Location "/sites/[^a]*">', shut],
  ['<Directory /srv/elsewhere>', shut],
])('%s with %j, which holds for no path that can be told, is named', (opening, demand) => {
  const { remarks } = imported(`${atRoot}${within(opening, demand)}`)
  expect(remarks).toEqual([
    `3: not carried over: ${opening}: no path of an application is known to be meant: what it asks is asked nowhere now`,
  ])
})

test('a section that closes one application, and an unknown part of another one, is named for that', () => {
  const { remarks } = imported(
    `${daemon}WSGIScriptAlias /b /srv/b.wsgi process-group=a\nWSGIScriptAlias / /srv/a.wsgi process-group=a\n` +
      `<LocationMatch "^/(admin|b)">\n${shut}\n</LocationMatch>`,
  )
  expect(remarks).toContainEqual(expect.stringContaining('<LocationMatch "^/(admin|b)">: no path of an application'))
})

test('what is below the sites of a WSGIScriptAliasMatch, and guarded, is named', () => {
  const { remarks } = imported(
    `${daemon}WSGIScriptAliasMatch ^/trac/([^/]+) /srv/t.wsgi process-group=a\n<Location /trac/secret>\n${shut}\n</Location>`,
  )
  expect(remarks).toContainEqual(expect.stringContaining('<Location /trac/secret>: no path of an application'))
})

test.each(['<FilesMatch "^\\.ht">', '<FilesMatch "^\\.(ht|git)">', '<Files ".ht*">', '<DirectoryMatch "/\\.svn">'])(
  '%s, which is about nothing that is served, is left out without a word',
  (opening) => {
    const alias = 'Alias /a/media /srv/media\n'
    const { remarks, applications } = imported(`${daemon}${mounted}${alias}${within(opening, shut)}`)
    expect(remarks).toEqual([])
    expect(applications).toMatchObject([{ static: { '/media': '/srv/media' } }])
  },
)
