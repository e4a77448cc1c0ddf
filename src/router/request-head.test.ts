import { expect, test } from '@jest/globals'
import { readHeaders, splitHost } from './request-head.ts'

function variables(...raw: string[]): Record<string, string> {
  const fields = readHeaders(raw).text.split('\0')
  const found: Record<string, string> = {}
  for (let index = 0; index + 1 < fields.length; index += 2) found[fields[index] ?? ''] = fields[index + 1] ?? ''
  return found
}

test('headers become CGI variables; type and length have no prefix', () => {
  expect(variables('Accept', 'a/b', 'X-Long-Name', '1', 'Content-Type', 't/p', 'Content-Length', '3')).toEqual({
    HTTP_ACCEPT: 'a/b',
    HTTP_X_LONG_NAME: '1',
    CONTENT_TYPE: 't/p',
    CONTENT_LENGTH: '3',
  })
})

test('a name that could pass for another, and Proxy, never reach the application', () => {
  expect(variables('X_User', 'forged', 'X-User', 'real', 'Proxy', 'http://evil', 'X.User', 'forged')).toEqual({
    HTTP_X_USER: 'real',
  })
})

test('repeated headers are joined by a comma, cookies by a semicolon, however they are spelt', () => {
  expect(variables('X-A', '1', 'x-a', '2', 'Cookie', 'a=1', 'cookie', 'b=2', 'X-A', '3')).toEqual({
    HTTP_X_A: '1, 2, 3',
    HTTP_COOKIE: 'a=1; b=2',
  })
})

test('many strange names in many requests do not break the names that are known', () => {
  for (let index = 0; index < 5000; index += 1) readHeaders([`X-${index}`, 'x'])
  expect(variables('X-A', '1', 'X-A', '2')).toEqual({ HTTP_X_A: '1, 2' })
})

test('length and chunking are seen', () => {
  expect(readHeaders(['Content-Length', '12', 'Host', 'h:1'])).toMatchObject({
    contentLength: 12,
    chunked: false,
    host: 'h:1',
  })
  expect(readHeaders(['Transfer-Encoding', 'chunked'])).toMatchObject({ contentLength: -1, chunked: true })
})

test.each([
  ['example.org', 'example.org', ''],
  ['example.org:8080', 'example.org', '8080'],
  ['[::1]', '[::1]', ''],
  ['[::1]:8080', '[::1]', '8080'],
  ['', '', ''],
])('host %j is name %j and port %j', (host, name, port) => {
  expect(splitHost(host)).toEqual({ name, port })
})

test.each(['Host', 'Content-Type', 'Content-Length', 'Authorization'])(
  'a second %s makes a request ambiguous',
  (name) => {
    expect(readHeaders([name, '1', name.toLowerCase(), '1']).ambiguous).toContain('twice')
    expect(readHeaders([name, '1', 'X-Other', '1']).ambiguous).toBe('')
  },
)
