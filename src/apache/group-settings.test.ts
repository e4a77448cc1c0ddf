import { expect, test } from '@jest/globals'
import { daemon, imported } from '../../test/support/apache-import.ts'

const applications = ['/x', '/y']
  .map((mount) => `WSGIScriptAlias ${mount} /srv${mount}.wsgi process-group=a application-group=%{GLOBAL}\n`)
  .join('')
const within = (mount: string, line: string): string => `<Location ${mount}>\n${line}\n</Location>\n`
const groupOf = (text: string) => {
  const { files, remarks } = imported(daemon + applications + text)
  return [files['groups.d/a.yaml'], remarks.map((each) => each.replace(/^\d+: not carried over: /, ''))]
}

test('a limit of all applications of a group is the group’s: the largest of them', () => {
  expect(groupOf('LimitRequestBody 1024')).toEqual([expect.objectContaining({ 'limit-request-body': 1024 }), []])
  const two = within('/x', 'LimitRequestBody 1024') + within('/y', 'LimitRequestBody 2048')
  expect(groupOf(two)).toEqual([
    expect.objectContaining({ 'limit-request-body': 2048 }),
    ['LimitRequestBody 1024: limit-request-body holds for a group, and others of it have 2048'],
  ])
  expect(groupOf('LimitRequestBody 1024\n' + within('/x', 'LimitRequestBody 0'))).toEqual([
    expect.objectContaining({ 'limit-request-body': 0 }),
    ['LimitRequestBody 1024: limit-request-body holds for a group, and others of it have none'],
  ])
})

test('a limit of one application does not become that of another one, and says so', () => {
  expect(groupOf(within('/x', 'LimitRequestBody 1024'))).toEqual([
    expect.not.objectContaining({ 'limit-request-body': expect.anything() }),
    ['LimitRequestBody 1024: limit-request-body holds for a group, and others of it have none'],
  ])
  expect(groupOf('LimitRequestBody much')).toEqual([expect.anything(), ['LimitRequestBody much: it is no number']])
})

test('scripts that are not reloaded are those of a whole group', () => {
  expect(groupOf('WSGIScriptReloading Off')).toEqual([expect.objectContaining({ 'script-reloading': 'off' }), []])
  expect(groupOf(within('/x', 'WSGIScriptReloading Off'))).toEqual([
    expect.not.objectContaining({ 'script-reloading': expect.anything() }),
    ['WSGIScriptReloading Off: script-reloading holds for a group, and others of it are reloaded'],
  ])
})

test('what holds for an application whose group the URL chooses is the limit of each group that it may choose', () => {
  const byUrl =
    'WSGIDaemonProcess b\nWSGIScriptAliasMatch ^/t/[^/]+ /srv/t.wsgi process-group=%{ENV:g} application-group=%{GLOBAL}\n' +
    'RewriteEngine On\nRewriteRule ^/t/([^/]+) - [E=g:$1]\nLimitRequestBody 1024\n'
  const { files } = imported(daemon + applications + byUrl)
  expect(files['groups.d/b.yaml']).toMatchObject({ 'limit-request-body': 1024 })
  expect(files['groups.d/by-url.yaml']).not.toHaveProperty('limit-request-body')
})
