import { expect, test } from '@jest/globals'
import { daemon, login, mounted, written } from '../../test/support/apache-import.ts'

const rule = 'RewriteEngine On\nRewriteRule ^/t/([^/]+) - [E=g:$1]\n'
const byUrl = `${daemon}WSGIScriptAliasMatch ^/t/[^/]+ /srv/t.wsgi process-group=%{ENV:g} application-group=%{GLOBAL}\n${rule}`

test.each([
  [
    'a realm that is not ASCII',
    daemon + mounted + login('Require valid-user').replace('AuthName A', 'AuthName "Geschützter Bereich"'),
    'groups.d/a.yaml',
    { auth: { realm: 'Geschützter Bereich', users: '/u' } },
  ],
  [
    'a path with a blank among others',
    daemon +
      mounted +
      login('Require valid-user', 'Location /a/x') +
      login('Require valid-user', 'Location "/a/my page"'),
    'groups.d/a.yaml',
    { auth: { paths: ['/x', '/my page'] } },
  ],
  [
    'WSGIRestrictProcess of a group that is none',
    `${byUrl}WSGIRestrictProcess x`,
    'groups.d/by-url.yaml',
    { 'restrict-process': [] },
  ],
])('%s stays, and fails the check: without it more would be open', (_, text, file, application) => {
  const { files, remarks, wrong } = written(text)
  expect(files[file]).toMatchObject({ applications: [application] })
  const [option = ''] = Object.keys(application)
  expect(remarks).toContainEqual(expect.stringMatching(`${option}: must be .*: correct it where it is written now`))
  expect(remarks.join()).not.toContain('is no application')
  expect(wrong).toHaveLength(1)
})

test('a group keeps an account that cannot be one, and fails the check', () => {
  const { files, wrong } = written(`WSGIDaemonProcess a user="a b" threads=99999\n${mounted}`)
  expect(files['groups.d/a.yaml']).toMatchObject({ user: 'a b' })
  expect(files['groups.d/a.yaml']).not.toHaveProperty('threads')
  expect(wrong).toHaveLength(1)
})
