import { expect, test } from '@jest/globals'
import { at, daemon, host, imported } from '../../test/support/apache-import.ts'

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
