import { expect, test } from '@jest/globals'
import { daemon, imported, mounted } from '../../test/support/apache-import.ts'

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
