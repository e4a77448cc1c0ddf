import { expect, test } from '@jest/globals'
import { daemon, imported, mounted } from '../../test/support/apache-import.ts'

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
