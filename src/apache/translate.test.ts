import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { parseGroupFile, parseServerFile } from '../config/parse.ts'
import { collect } from './collect.ts'
import { expandApache } from './expand.ts'
import { remarkText, renderDraft } from './render.ts'
import { translate } from './translate.ts'

const world = { include: () => [], exists: () => false, variables: new Map<string, string>() }

/** Files by name, as values; each is one that wsgid takes. */
function imported(text: string) {
  const draft = translate(collect('httpd.conf', expandApache('httpd.conf', text, world).nodes))
  const rendered = renderDraft(draft, 'httpd.conf')
  for (const { path, text: yaml } of rendered) {
    const check = path === 'wsgid.yaml' ? parseServerFile : parseGroupFile
    const result = check({ name: path, path: `/etc/wsgid/${path}`, text: yaml })
    if (!result.ok) throw new Error(`${JSON.stringify(result.diagnostics)}\n${yaml}`)
  }
  const remarks = [
    ...draft.remarks,
    ...draft.groups.flatMap((group) => [...group.remarks, ...group.applications.flatMap((each) => each.remarks)]),
  ]
  return {
    files: Object.fromEntries(
      rendered.map(({ path, text: yaml }) => [path, parse(yaml) as Record<string, unknown> | null]),
    ),
    texts: Object.fromEntries(rendered.map(({ path, text: yaml }) => [path, yaml])),
    remarks: remarks.map((remark) => `${remark.place.line}: ${remarkText(remark)}`),
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
    'User #33\nGroup www-data\nWSGIPythonPath /x\nWSGIScriptAlias / /srv/a.wsgi\nWSGIScriptAlias /b /srv/b.wsgi process-group=gone',
  )
  expect(files['groups.d/embedded.yaml']).toMatchObject({ user: '33', group: 'www-data', 'python-path': ['/x'] })
  expect(remarks.map((remark) => remark.split(': ').at(-1))).toEqual([
    'it ran in the processes of Apache itself; here it has a group of its own',
    'the group has the defaults',
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
  ['RewriteRule ^/a/(.*)$ http://x/$1 [R]', 'of rewriting only this'],
  ['RewriteCond %{HTTP_HOST} x\nRewriteRule . - [F]', 'of rewriting only this'],
  ['RewriteRule ^/nowhere/([^/]+) - [E=x:$1]', 'no WSGIScriptAliasMatch has the same pattern'],
  ['Alias /elsewhere /srv/static', 'no application has a mount above it'],
  ['<Location /elsewhere>\nSetEnv a b\n</Location>', 'no application is there'],
  ['<If "true">\nSetEnv a b\n</If>', 'this kind of section has no counterpart'],
])('%j is not understood, and said', (text, why) => {
  const { remarks } = imported(`${daemon}${mounted}${text}`)
  expect(remarks.at(-1) === undefined ? [] : remarks.some((remark) => remark.includes(why))).toBe(true)
})
