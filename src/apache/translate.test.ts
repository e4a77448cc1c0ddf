import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { parseGroupFile, parseServerFile } from '../config/parse.ts'
import { collect } from './collect.ts'
import { expandApache, type KindOf, type World } from './expand.ts'
import { remarkLines, renderDraft } from './render.ts'
import { translate } from './translate.ts'

/** Paths that end with a slash, or are named here, are directories; those with a dot files. */
const directories = ['/srv/scripts']
const kindOf: KindOf = (path) =>
  path.endsWith('/') || directories.includes(path) ? 'directory' : path.includes('.') ? 'file' : 'absent'
const world: World = { serverRoot: '/etc/apache2', include: () => [], kindOf, variables: new Map() }

function collected(text: string) {
  return collect('httpd.conf', expandApache('httpd.conf', text, world))
}

/** Files by name, as values; each is one that wsgid takes. `stderr`: by line. */
function imported(text: string) {
  const found = collected(text)
  if (found.faults.length > 0) throw new Error(JSON.stringify(found.faults))
  const draft = translate(found, kindOf)
  const rendered = renderDraft(draft, 'httpd.conf')
  for (const { path, text: yaml } of rendered) {
    const check = path === 'wsgid.yaml' ? parseServerFile : parseGroupFile
    const result = check({ name: path, path: `/etc/wsgid/${path}`, text: yaml })
    if (!result.ok) throw new Error(`${JSON.stringify(result.diagnostics)}\n${yaml}`)
  }
  const files = Object.fromEntries(
    rendered.map(({ path, text: yaml }) => [path, parse(yaml) as Record<string, unknown> | null]),
  )
  return {
    files,
    /** Of group a. */
    applications: files['groups.d/a.yaml']?.['applications'],
    texts: Object.fromEntries(rendered.map(({ path, text: yaml }) => [path, yaml])),
    remarks: remarkLines(draft).map((line) => line.replace(/^httpd\.conf:/, '')),
  }
}

const daemon = 'WSGIDaemonProcess a user=trac\n'
const mounted = 'WSGIScriptAlias /a /srv/a.wsgi process-group=a application-group=%{GLOBAL}\n'

test('every option of WSGIDaemonProcess that has a counterpart is carried over, the others are named', () => {
  const options =
    'user=#1000 group=staff supplementary-groups=adm,#4 umask=0027 home=/srv processes=3 threads=25 maximum-requests=1000 inactivity-timeout=0 request-timeout=30 python-path=/a:/b python-home=/venv stack-size=1048576 script-user=#0 eviction-timeout=0 lang=C.UTF-8 display-name=%{GROUP}'
  const { files, remarks } = imported(`WSGIDaemonProcess a ${options} send-buffer-size=4096 threads-max=1\n${mounted}`)
  expect(files['groups.d/a.yaml']).toMatchObject({
    ...{
      user: '1000',
      group: 'staff',
      'supplementary-groups': ['adm', '4'],
      umask: '0027',
      home: '/srv',
      processes: 3,
    },
    ...{ threads: 25, 'maximum-requests': 1000, 'inactivity-timeout': 0, 'request-timeout': 30 },
    ...{ 'python-path': ['/a', '/b'], 'python-home': '/venv', 'stack-size': 1_048_576, 'script-user': '0' },
    ...{ lang: 'C.UTF-8', 'display-name': '(wsgi:%{GROUP})' },
  })
  expect(files['groups.d/a.yaml']).not.toHaveProperty('eviction-timeout')
  expect(remarks).toEqual([
    '1: not carried over: WSGIDaemonProcess a send-buffer-size=…: the option has no counterpart',
    '1: not carried over: WSGIDaemonProcess a threads-max=…: the option has no counterpart',
  ])
})

test('what is not carried over is a comment in the file where it belongs', () => {
  const text = `${daemon}<VirtualHost *:80>\nServerName x.example\n${mounted}Header set A b\n</VirtualHost>\nFileETag None\n`
  const { texts } = imported(text)
  expect(texts['groups.d/a.yaml']).toContain(
    '# httpd.conf:5: not carried over: Header set A b: there is no counterpart\n',
  )
  expect(texts['wsgid.yaml']).toContain('# httpd.conf:7: not carried over: FileETag None: there is no counterpart\n')
})

test('what closed something to some clients and is gone says so', () => {
  const { remarks } = imported(`${daemon}${mounted}<Location /a>\nRequire ip 10.0.0.0/8\nDeny from all\n</Location>`)
  expect(remarks).toHaveLength(2)
  for (const remark of remarks) expect(remark).toContain('whoever reaches the listener may pass')
})

test('embedded mode is a group with the account of Apache; one that is not defined is told', () => {
  const { files, remarks } = imported(
    'User #33\nGroup www-data\nWSGIPythonPath /x\nWSGIScriptAlias /b /srv/b.wsgi process-group=gone\nWSGIScriptAlias / /srv/a.wsgi',
  )
  expect(files['groups.d/embedded.yaml']).toMatchObject({ user: '33', group: 'www-data', 'python-path': ['/x'] })
  expect(remarks.map((remark) => remark.split(': ').at(-1))).toEqual([
    'the group has the defaults',
    'it ran in the processes of Apache itself; here it has a group of its own',
  ])
})

test('applications of one group are kept apart as their interpreters were', () => {
  const two = (group: string) =>
    imported(`${daemon}WSGIProcessGroup a\n${group}\nWSGIScriptAlias /x /srv/x.wsgi\nWSGIScriptAlias /y /srv/y.wsgi`)
      .files['groups.d/a.yaml']
  expect(two('')).toMatchObject({
    applications: [{ 'application-group': '%{RESOURCE}' }, { 'application-group': '%{RESOURCE}' }],
  })
  expect(two('WSGIApplicationGroup %{GLOBAL}')).toMatchObject({ applications: [{ mount: '/x' }, { mount: '/y' }] })
  expect(JSON.stringify(two('WSGIApplicationGroup %{GLOBAL}'))).not.toContain('application-group')
})

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

test('logins: Digest, groups, and users that are named', () => {
  const login =
    'AuthType Digest\nAuthName "My site"\nAuthUserFile /srv/users\nAuthGroupFile /srv/groups\nRequire group staff\nRequire user joe'
  const { files } = imported(`${daemon}${mounted}<Location /a>\n${login}\n</Location>`)
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

test('listeners, with the certificates of the virtual hosts on their port', () => {
  const host = (name: string) =>
    `<VirtualHost *:443>\nServerName ${name}\nSSLEngine on\nSSLCertificateFile /c/${name}.pem\nSSLCertificateKeyFile /c/${name}.key\nWSGIScriptAlias / /srv/${name}.wsgi process-group=a\n</VirtualHost>\n`
  const { files } = imported(
    `${daemon}Listen 80\nListen 127.0.0.1:443 https\nCustomLog x combined\n${host('x.example')}${host('y.example')}`,
  )
  expect(files['wsgid.yaml']).toEqual({
    listen: [
      { address: '0.0.0.0:80' },
      {
        address: '127.0.0.1:443',
        tls: [
          { certificate: '/c/x.example.pem', key: '/c/x.example.key' },
          { certificate: '/c/y.example.pem', key: '/c/y.example.key' },
        ],
      },
    ],
    'access-log': 'combined',
  })
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

test('a user of its own has Apache’s group, as with mod_wsgi', () => {
  const { files } = imported(`User www-data\nGroup www-data\n${daemon}${mounted}`)
  expect(files['groups.d/a.yaml']).toMatchObject({ user: 'trac', group: 'www-data' })
})

test('names that are the same as files are kept apart', () => {
  const { files } = imported(
    'WSGIDaemonProcess "my site"\nWSGIDaemonProcess my-site\nWSGIScriptAlias /a /a.wsgi process-group="my site"\nWSGIScriptAlias /b /b.wsgi process-group=my-site',
  )
  expect(Object.keys(files)).toEqual(['wsgid.yaml', 'groups.d/my-site.yaml', 'groups.d/my-site-1.yaml'])
})

test('SetEnv of inner sections wins, UnsetEnv takes away', () => {
  const { applications } = imported(
    `SetEnv x outer\nSetEnv y gone\nSetEnv literal "\${z} $1"\n${daemon}${mounted}<Directory /srv>\nSetEnv x inner\nUnsetEnv y\n</Directory>`,
  )
  expect(applications).toMatchObject([{ environ: { x: 'inner', literal: '$${z} $1' } }])
  expect(JSON.stringify(applications)).not.toContain('gone')
})

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
  const closing = `</${/^<(\w+)/.exec(opening)?.[1] ?? ''}>`
  const { applications } = imported(`${daemon}${mounted}${opening}\nSetEnv here yes\n${closing}`)
  expect(JSON.stringify(applications).includes('"here":"yes"')).toBe(holds)
})

test('a section inside of another holds where both do', () => {
  const inner = '<Files a.wsgi>\nWSGICallableObject app\n</Files>'
  const within = (directory: string) =>
    JSON.stringify(imported(`${daemon}${mounted}<Directory ${directory}>\n${inner}\n</Directory>`).applications)
  expect(within('/srv')).toContain('"callable":"app"')
  expect(within('/other')).not.toContain('callable')
})

const login = (require: string, where = 'Location /a') =>
  `<${where}>\nAuthType Basic\nAuthName A\nAuthUserFile /u\nAuthGroupFile /g\n${require}\n</${where.split(' ')[0] ?? ''}>\n`
const authOf = (text: string) => {
  const { applications, remarks } = imported(`${daemon}${mounted}${text}`)
  const [application] = applications as readonly Record<string, unknown>[]
  return [application?.['auth'], remarks.map((remark) => remark.replace(/^\d+: not carried over: /, ''))]
}
const asked = { realm: 'A', users: '/u' }
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
  ['<RequireNone>\nRequire user x\n</RequireNone>\nRequire valid-user', asked, [`<RequireNone>: ${byAddress}`]],
])('%j is %j', (require, auth, remarks) => {
  expect(authOf(login(require))).toEqual([auth, remarks])
})

test('the innermost Require decides; what a part of an application cannot have is said', () => {
  const open = '<Location /a/open>\nRequire all granted\n</Location>\n'
  expect(authOf(login('Require valid-user') + open)).toEqual([
    asked,
    ['<Location /a/open>: the application asks for a password everywhere, here too'],
  ])
  expect(authOf(login('Require valid-user', 'Location /a/in') + open)).toEqual([{ ...asked, paths: ['/in'] }, []])
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

test('static files below a mount, with the login that holds for them', () => {
  const alias = 'Alias /a/static/ /srv/static/\nAlias /a/secret /srv/secret\n'
  const { applications } = imported(
    `${daemon}${mounted}${alias}${login('Require valid-user', 'Directory /srv/secret')}`,
  )
  expect(applications).toMatchObject([
    { static: { '/static': '/srv/static', '/secret': '/srv/secret' }, auth: { ...asked, paths: ['/secret'] } },
  ])
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

const host = (name: string, inside: string, port = '80') =>
  `<VirtualHost *:${port}>\nServerName ${name}\n${inside}\n</VirtualHost>\n`
const at = (mount: string, script = '/srv/a.wsgi') =>
  `WSGIScriptAlias ${mount} ${script} process-group=a application-group=%{GLOBAL}`

test('the first virtual host answers for all other hosts, unless another one would be looked through to it', () => {
  expect(imported(`${daemon}${host('x', at('/'))}${host('y', at('/', '/srv/b.wsgi'))}`)).toMatchObject({
    applications: [{ hosts: ['x', '*'] }, { hosts: ['y'] }],
    remarks: [],
  })
  expect(imported(`${daemon}${host('x', at('/'))}${host('y', at('/y'))}`)).toMatchObject({
    applications: [{ hosts: ['x'] }, { hosts: ['y'], mount: '/y' }],
    remarks: [
      expect.stringContaining('2: not carried over: <VirtualHost *:80>: it also answered for hosts that nobody names'),
    ],
  })
  expect(imported(`${daemon}${host('x', at('/'))}`).applications).toMatchObject([{ hosts: ['x', '*'] }])
})

test('a virtual host for http and one for https with the same applications are one', () => {
  const both = `${daemon}Listen 80\nListen 443\n${host('x', at('/'))}`
  const secure = (inside: string) =>
    host('x', `SSLEngine on\nSSLCertificateFile /c\nSSLCertificateKeyFile /k\n${inside}`, '443')
  expect(imported(both + secure(at('/')))).toMatchObject({ applications: [{ hosts: ['x', '*'] }], remarks: [] })
  const other = imported(both + secure(at('/', '/srv/b.wsgi')))
  expect(other.applications).toHaveLength(1)
  expect(other.remarks).toEqual([expect.stringContaining('httpd.conf:6 is mounted there too')])
})

test.each([
  ['Redirect permanent / https://x/', 443],
  ['RedirectPermanent / https://x:8443/', 8443],
  ['RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ https://%{HTTP_HOST}%{REQUEST_URI} [L,R=301]', 443],
  [
    'RewriteEngine On\nRewriteCond %{SERVER_NAME} =x\nRewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]',
    443,
  ],
])('a virtual host with %j makes its listener send to https', (redirect, port) => {
  const { files, remarks } = imported(
    `Listen 80\nListen 443\n${daemon}${host('x', redirect)}${host('x', `SSLEngine on\nSSLCertificateFile /c\n${at('/')}`, '443')}`,
  )
  expect([files['wsgid.yaml'], remarks]).toMatchObject([
    {
      listen: [
        { address: '0.0.0.0:80', 'redirect-to-https': { status: 301, port } },
        { tls: { certificate: '/c', key: '/c' } },
      ],
    },
    [],
  ])
})

test('certificates of the main server are those of virtual hosts without; a virtual host on one of two ports is told', () => {
  const { files, remarks } = imported(
    `Listen 80\nListen 443\nSSLCertificateFile /c\nSSLCertificateKeyFile /k\n${daemon}${host('x', `SSLEngine on\n${at('/')}`, '443')}`,
  )
  expect(files['wsgid.yaml']).toMatchObject({
    listen: [{ address: '0.0.0.0:80' }, { tls: { certificate: '/c', key: '/k' } }],
  })
  expect(remarks).toEqual([expect.stringContaining('its applications answer on every listener')])
})

test('what holds for the server: limits, time-outs, proxies', () => {
  const { files } = imported(
    `${daemon}${mounted}Timeout 300\nKeepAliveTimeout 5\nLimitRequestLine 4096\nLimitRequestFields 0\nLimitRequestBody 1024\n` +
      'WSGITrustedProxies 10.0.0.0/8\nWSGITrustedProxyHeaders X-Forwarded-For x-forwarded-proto\nWSGIScriptReloading Off',
  )
  expect(files['wsgid.yaml']).toEqual({
    'keep-alive-timeout': '5s',
    'limit-request-line': 4096,
    'limit-request-fields': 32_767,
    'trusted-proxies': ['10.0.0.0/8'],
    'trusted-proxy-headers': ['X-Forwarded-For', 'X-Forwarded-Proto'],
  })
  expect(files['groups.d/a.yaml']).toMatchObject({
    ...{ 'socket-timeout': '300s', 'limit-request-body': 1024, 'script-reloading': 'off' },
  })
})

test('the URL chooses among Apache’s daemon process groups, and no others', () => {
  const rule = 'RewriteEngine On\nRewriteRule ^/t/([^/]+) - [E=g:$1,E=p:/srv/$1/env]\n'
  const chosen = (more: string) =>
    imported(
      `WSGIDaemonProcess a\nWSGIDaemonProcess b\nWSGIScriptAliasMatch ^/t/[^/]+ /srv/t.wsgi process-group=%{ENV:g}\n${rule}${more}`,
    )
  expect(chosen('').files).toMatchObject({
    'groups.d/by-url.yaml': {
      applications: [
        {
          match: '^/t/(?<p1>[^/]+)',
          'process-group': '${p1}',
          'restrict-process': ['a', 'b'],
          environ: { g: '${p1}', p: '/srv/${p1}/env' },
        },
      ],
    },
  })
  const { files, remarks } = chosen('WSGIRestrictProcess b')
  expect(Object.keys(files)).toEqual(['wsgid.yaml', 'groups.d/b.yaml', 'groups.d/by-url.yaml'])
  expect(remarks).toEqual(['1: not carried over: WSGIDaemonProcess a: no application runs in it'])
})
