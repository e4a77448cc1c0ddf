import { expect, test } from '@jest/globals'
import { daemon, imported, mounted } from '../../test/support/apache-import.ts'

test('a directory of scripts is a match with the script’s name', () => {
  const { files } = imported(
    `${daemon}WSGIScriptAlias /w.x/ /srv/scripts/ process-group=a\nWSGIScriptAliasMatch ^/y/([^/]+) /srv/$1.wsgi process-group=a`,
  )
  expect(files['groups.d/a.yaml']).toMatchObject({
    applications: [
      { match: '^/w\\.x/(?<script>[^/]+)', script: '/srv/scripts/${script}' },
      { match: '^/y/(?<p1>[^/]+)', script: '/srv/${p1}.wsgi' },
    ],
  })
})

test('scripts by SetHandler and AddHandler are applications', () => {
  const { applications } = imported(
    `${daemon}WSGIProcessGroup a\nAlias /one /srv/one.wsgi\nAlias /all /srv/scripts\nDocumentRoot /srv/www/\n` +
      '<Directory /srv>\nAddHandler wsgi-script .wsgi\n</Directory>\n<Directory /srv/scripts>\nSetHandler wsgi-script\n</Directory>',
  )
  expect(applications).toMatchObject([
    { mount: '/one', script: '/srv/one.wsgi' },
    { match: '^/all/(?<script>[^/]+)', script: '/srv/scripts/${script}' },
    { match: '^/(?<script>[^/]+\\.wsgi)', script: '/srv/www/${script}' },
  ])
})

test('SetEnv of inner sections wins, UnsetEnv takes away', () => {
  const { applications } = imported(
    `SetEnv x outer\nSetEnv y gone\nSetEnv literal "\${z} $1"\n${daemon}${mounted}<Directory /srv>\nSetEnv x inner\nUnsetEnv y\n</Directory>`,
  )
  expect(applications).toMatchObject([{ environ: { x: 'inner', literal: '$${z} $1' } }])
  expect(JSON.stringify(applications)).not.toContain('gone')
})

test('what nobody may reach is not mounted', () => {
  const denied = '<Directory />\nRequire all denied\n</Directory>\n'
  const { remarks, files } = imported(`${daemon}${mounted}${denied}`)
  expect(remarks).toContainEqual(expect.stringContaining('Require all denied holds for it'))
  expect(Object.keys(files)).toEqual(['wsgid.yaml'])
  const granted = '<Directory /srv>\nRequire all granted\n</Directory>\n'
  expect(imported(`${daemon}${mounted}${denied}${granted}`)).toMatchObject({
    remarks: [],
    applications: [{ mount: '/a' }],
    files: { 'wsgid.yaml': { 'script-directories': ['/srv'] } },
  })
})
