import { expect, test } from '@jest/globals'
import { daemon, imported, mounted, within } from '../../test/support/apache-import.ts'

test.each([
  ['<Directory /srv>', true],
  ['<Directory "/s*">', true],
  ['<Directory "/srv/*">', false],
  ['<Directory /sr>', false],
  ['<DirectoryMatch "^/s.v$">', true],
  ['<Directory ~ "^/x">', false],
  ['<Files a.wsgi>', true],
  ['<Files "*.wsgi">', true],
  ['<Files b.wsgi>', false],
  ['<FilesMatch "\\.(wsgi|py)$">', true],
  ['<Location />', true],
  ['<Location /a>', true],
  ['<Location /ab>', false],
  ['<Location "/[a-c]">', true],
  ['<LocationMatch "^/a">', true],
  ['<LocationMatch "^/(b|c)">', false],
])('%s is about the application /a of /srv/a.wsgi: %j', (opening, holds) => {
  const { applications } = imported(`${daemon}${mounted}${within(opening, 'SetEnv here yes')}`)
  expect(JSON.stringify(applications).includes('"here":"yes"')).toBe(holds)
})

test('a section inside of another holds where both do', () => {
  const inner = '<Files a.wsgi>\nWSGICallableObject app\n</Files>'
  const inside = (directory: string) =>
    JSON.stringify(imported(`${daemon}${mounted}<Directory ${directory}>\n${inner}\n</Directory>`).applications)
  expect(inside('/srv')).toContain('"callable":"app"')
  expect(inside('/other')).not.toContain('callable')
})
