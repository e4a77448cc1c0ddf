import { expect, test } from '@jest/globals'
import { asked, daemon, imported, login, mounted, within } from '../../test/support/apache-import.ts'

const media = 'Alias /a/media /srv/media\n'
const closed = 'Require all denied'
const limited = 'Order, Allow and Deny do not let everybody have it: it is not served'

test('static files below a mount, with the login that holds for them', () => {
  const alias = 'Alias /a/static/ /srv/static/\nAlias /a/secret /srv/secret\n'
  const { applications } = imported(
    `${daemon}${mounted}${alias}${login('Require valid-user', 'Directory /srv/secret')}`,
  )
  expect(applications).toMatchObject([
    { static: { '/static': '/srv/static', '/secret': '/srv/secret' }, auth: { ...asked, paths: ['/secret'] } },
  ])
})

test.each([
  ['<Directory /srv/media>', closed, 'Require all denied holds for it: it is not served'],
  ['<Location /a/media>', closed, 'Require all denied holds for it: it is not served'],
  ['<Directory /srv/media/private>', closed, 'guards a part of it'],
  ['<Directory "/srv/*/private">', closed, 'guards a part of it'],
  ['<Directory /srv/media/private>', 'Require ip 10.0.0.0/8', 'guards a part of it'],
  ['<Directory /srv/media/private>', '<RequireAll>\nRequire user x\n</RequireAll>', 'guards a part of it'],
  ['<DirectoryMatch "/private(/|$)">', closed, 'guards a part of it'],
  ['<FilesMatch "\\.(ini|db)$">', closed, 'guards a part of it'],
  ['<FilesMatch "^\\.ht|\\.db$">', closed, 'guards a part of it'],
  ['<Location /a/media/private>', closed, 'guards a part of it'],
  ['<Directory /srv/media>', 'Deny from all', limited],
  ['<Directory /srv>', 'Order deny,allow\nDeny from all\nAllow from 10.0.0.0/8', limited],
  ['<Location /a/media>', 'Order Allow,Deny\nAllow from all\nDeny from 10.0.0.0/8', limited],
  ['<Location /a>', 'Order allow,deny\nAllow from 10.0.0.0/8', limited],
  ['<Directory /srv/media/private>', 'Deny from all', 'guards a part of it'],
  ['<Location /a/media/private>', 'Deny from all', 'guards a part of it'],
  ['<FilesMatch "\\.(ini|db)$">', 'Order allow,deny', 'guards a part of it'],
  ['<LocationMatch "^/a/media/(x|y)">', closed, 'guards a part of it'],
])('a directory of which %s with %j keeps clients out is not served, and that is said', (opening, demand, why) => {
  const { applications, remarks } = imported(`${daemon}${mounted}${media}${within(opening, demand)}`)
  expect(JSON.stringify(applications)).not.toContain('static')
  expect(remarks).toContainEqual(expect.stringMatching(/^3: not carried over: Alias \/a\/media \/srv\/media: /))
  expect(remarks.join()).toContain(why)
})

test('a directory below one that is closed is served only where it is opened again', () => {
  const denied = `<Directory />\n${closed}\n</Directory>\n<Location /a>\nRequire all granted\n</Location>\n`
  const open = '<Directory /srv/media>\nRequire all granted\n</Directory>\n'
  const old = '<Directory />\nDeny from all\n</Directory>\n<Directory /srv/media>\nAllow from all\n</Directory>\n'
  const outside = 'Alias /a/media /srv/media\nAlias /secret /srv/x\n'
  const alone = `<Directory />\n${closed}\n</Directory>\n<Directory /srv/app>\nRequire all granted\n</Directory>\n`
  const atRoot = `${daemon}WSGIScriptAlias / /srv/app/a.wsgi process-group=a application-group=%{GLOBAL}\n`
  expect(imported(daemon + mounted + media + denied + open).applications).toMatchObject([
    { static: { '/media': '/srv/media' } },
  ])
  expect(imported(daemon + mounted + media + old).applications).toMatchObject([{ static: { '/media': '/srv/media' } }])
  expect(JSON.stringify(imported(atRoot + outside + alone).applications)).not.toContain('static')
})

test.each([
  ['<Directory /srv/mediateca>', closed],
  ['<Directory /srv/other/private>', closed],
  ['<DirectoryMatch "^/srv/other">', closed],
  ['<Directory /srv/media/open>', 'Require all granted'],
  ['<Location /a/other>', 'Require valid-user'],
  ['<Directory /srv/other/private>', 'Deny from all'],
  ['<Directory /srv/media>', 'Order allow,deny\nAllow from all'],
  ['<Directory /srv/media>', 'Order deny,allow\nDeny from all\nAllow from all'],
  ['<Directory /srv/media>', 'Order deny,allow'],
])('%s with %j keeps nobody out of a directory that is served', (opening, demand) => {
  const { applications } = imported(`${daemon}${mounted}${media}${within(opening, demand)}`)
  expect(applications).toMatchObject([{ static: { '/media': '/srv/media' } }])
})
