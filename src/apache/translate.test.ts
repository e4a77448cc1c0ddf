import { expect, test } from '@jest/globals'
import { collected, daemon, imported, mounted } from '../../test/support/apache-import.ts'

test('what is not carried over is a comment in the file where it belongs', () => {
  const text = `${daemon}<VirtualHost *:80>\nServerName x.example\n${mounted}Header set A b\n</VirtualHost>\nFileETag None\n`
  const { texts } = imported(text)
  expect(texts['groups.d/a.yaml']).toContain(
    '# httpd.conf:5: not carried over: Header set A b: there is no counterpart\n',
  )
  expect(texts['wsgid.yaml']).toContain('# httpd.conf:7: not carried over: FileETag None: there is no counterpart\n')
})

test.each([
  ['RewriteEngine On\nRewriteRule ^/a/(.*)$ http://x/$1 [R]', 'of rewriting only this'],
  ['RewriteEngine On\nRewriteCond %{HTTP_HOST} x\nRewriteRule . - [F]', 'its RewriteRule is not carried over'],
  ['RewriteEngine On\nRewriteRule ^/nowhere/([^/]+) - [E=x:$1]', 'no WSGIScriptAliasMatch has the same pattern'],
  ['RewriteRule ^/a/(.*)$ - [E=x:$1]', 'RewriteEngine is not on'],
  ['SetEnvIf User-Agent x y=z', 'of SetEnvIf only Request_URI'],
  ['Alias /elsewhere /srv/static', 'only directories below the mount of one are served'],
  ['Alias /a/robots.txt /srv/robots.txt', 'only directories below the mount of one are served'],
  ['DocumentRoot /srv/www', 'there is no document root'],
  ['<Location /elsewhere>\nSetEnv a b\n</Location>', 'no application is in <Location /elsewhere>'],
  ['<Location /a/part>\nSetEnv a b\n</Location>', 'for a part of an application there is only a login'],
  ['<If "true">\nSetEnv a b\n</If>', 'this kind of section has no counterpart'],
  ['<If "true">\nSetEnv a b\n</If>', 'SetEnv a b: it stands in <If "true">'],
  ['<IfVersion ~ "(?i)^2">\nSetEnv a b\n</IfVersion>', 'SetEnv a b: it stands in <IfVersion'],
  ['WSGIAuthUserScript /srv/auth.wsgi', 'passwords are in files only'],
  ['WSGIDispatchScript /srv/d.wsgi', 'not by a script'],
  ['SetHandler server-status', 'only wsgi-script is a handler here'],
  ['User ${NOBODY_DEFINED_IT}', 'nothing defines this variable'],
  ['WSGIScriptAlias /a/b /srv/b.wsgi', 'Apache never came to it: httpd.conf:2 stands before it'],
  ['WSGIScriptAlias /c /srv/c.wsgi process-group=%{ENV:x}', 'nothing sets x'],
  ['WSGIScriptAlias /c /srv/c.wsgi process-group=%{RESOURCE}', 'a process group %{RESOURCE} does not exist'],
  ['WSGIScriptAliasMatch /c$ /srv/c.wsgi', 'only an expression that begins with "^/"'],
  ['WSGIScriptAliasMatch ^/(?i:c)(?P<x>y) /srv/c.wsgi', 'PCRE'],
  ['WSGIScriptAliasMatch ^/c /srv/$1.wsgi', 'it refers to something that the expression does not capture'],
  ['WSGIDaemonProcess unused', 'no application runs in it'],
  ['WSGIDaemonProcess wsgid\nWSGIScriptAlias /c /srv/c.wsgi process-group=wsgid', 'the group is called wsgid-1'],
  [
    'WSGIDaemonProcess b threads=99999\nWSGIScriptAlias /c /srv/c.wsgi process-group=b',
    'must be a whole number from 1',
  ],
  ['SetEnv wsgi.input x', 'environ.wsgi.input: a map of names to text'],
  ['WSGIImportScript /srv/i.py process-group=b', 'no application runs in its process group'],
  ['Listen 443 https', 'there is no certificate for it'],
])('%j is not carried over, and said', (text, why) => {
  const { remarks } = imported(`${daemon}${mounted}${text}`)
  expect(remarks.filter((remark) => remark.includes(why))).toEqual([
    expect.stringMatching(/^[2-6]: not carried over: /),
  ])
})

test.each([
  ['WSGIDaemonProcess a user', 'httpd.conf:1: WSGIDaemonProcess a user: "user" is no option, name=value'],
  ['WSGIScriptAlias /a', 'httpd.conf:1: WSGIScriptAlias /a lacks an argument'],
  [
    'WSGIDaemonProcess a\n\nWSGIDaemonProcess a',
    'httpd.conf:3: WSGIDaemonProcess a is defined already at httpd.conf:1',
  ],
])('Apache would not start with %j', (text, what) => {
  expect(collected(text).faults.map((each) => `${each.place.file}:${each.place.line}: ${each.what}`)).toEqual([what])
})

test('how Apache runs, logs and speaks HTTP is left out without a word', () => {
  const { remarks, files } = imported(
    `PidFile x\nStartServers 3\nErrorLog x\nKeepAlive On\nAddIcon a b\nWSGISocketPrefix /run/x\nWSGIPassAuthorization On\n${daemon}${mounted}`,
  )
  expect([remarks, files['wsgid.yaml']]).toEqual([[], null])
})

test('relative paths start at ServerRoot, wherever the files are written', () => {
  const { files, applications } = imported(
    `ServerRoot /srv/apache\n${daemon}WSGIScriptAlias / apps/a.wsgi process-group=a\n<Location />\nAuthType Basic\nAuthName x\nAuthUserFile users\nRequire valid-user\n</Location>\n` +
      'Listen 443 https\nSSLCertificateFile ssl/c.pem\n',
  )
  expect(applications).toMatchObject([{ script: '/srv/apache/apps/a.wsgi', auth: { users: '/srv/apache/users' } }])
  expect(files['wsgid.yaml']).toMatchObject({ listen: [{ tls: { certificate: '/srv/apache/ssl/c.pem' } }] })
})
