import { expect, test } from '@jest/globals'
import { at, daemon, host, imported, mounted } from '../../test/support/apache-import.ts'

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

test.each([
  ['Timeout 300', 'socket-timeout'],
  ['KeepAliveTimeout 5', 'keep-alive-timeout'],
  ['LimitRequestLine 4096', 'limit-request-line'],
  ['LimitRequestFields 10', 'limit-request-fields'],
  ['WSGITrustedProxies 10.0.0.0/8', 'trusted-proxies'],
  ['WSGITrustedProxyHeaders X-Forwarded-For', 'trusted-proxy-headers'],
])('%s of one virtual host does not become that of all', (line, option) => {
  const { files, remarks } = imported(`${daemon}${host('x', `${at('/')}\n${line}`)}`)
  expect(JSON.stringify(files)).not.toContain(option)
  expect(remarks).toEqual([`5: not carried over: ${line}: ${option} holds for the whole server`])
})
