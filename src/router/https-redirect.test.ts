import { expect, test } from '@jest/globals'
import { httpsLocation } from './https-redirect.ts'

test.each([
  ['/a?b=c', 'example.org', 443, 'https://example.org/a?b=c'],
  ['/a', 'example.org:8080', 8443, 'https://example.org:8443/a'],
  ['/', '[::1]:80', 443, 'https://[::1]/'],
  ['//evil.example/x', 'example.org', 443, 'https://example.org//evil.example/x'],
  ['http://other.example:80/a', 'other.example:80', 443, 'https://other.example/a'],
  ['http://other.example', 'other.example', 443, 'https://other.example/'],
  ['http://other.example?a=/b', 'other.example', 443, 'https://other.example/?a=/b'],
  ['/a', '', 443, undefined],
  ['/a', ':80', 443, undefined],
])('%s on host %s is redirected to port %d: %s', (url, host, port, location) => {
  expect(httpsLocation(url, host, port)).toBe(location)
})
