import { expect, test } from '@jest/globals'
import { combinedLine, jsonLine } from './access-line.ts'
import type { RequestEnd } from './request-end.ts'

const anEnd = (differing: Partial<RequestEnd> = {}): RequestEnd => ({
  ...{ requestId: 'k3f9', group: 'site-1', method: 'GET', target: '/a?b=c', protocol: 'HTTP/1.1', client: '192.0.2.1' },
  ...{
    rawHeaders: ['Host', 'a.test', 'REFERER', 'http://b.test/', 'User-Agent', 'curl/8'],
    host: 'a.test',
    user: null,
  },
  ...{ status: 200, bytes: 12, arrivedAt: 1000, endedAt: 1002.5, queueMs: 0.25, applicationMs: 1.5, workerPid: 812 },
  cause: 'ok',
  ...differing,
})
const at = new Date(2026, 10, 1, 9, 5, 7, 42).getTime()
const combined = (differing: Partial<RequestEnd>): string => combinedLine(anEnd(differing), at)
const json = (differing: Partial<RequestEnd>): unknown => JSON.parse(jsonLine(anEnd(differing), at))

test("combined is Apache's format", () => {
  expect(combined({})).toMatch(
    /^192\.0\.2\.1 - - \[01\/Nov\/2026:09:05:07 [+-]\d{4}\] "GET \/a\?b=c HTTP\/1\.1" 200 12 "http:\/\/b\.test\/" "curl\/8"\n$/,
  )
  expect(combined({ user: 'jo', rawHeaders: [], bytes: 0 })).toMatch(/^192.0.2.1 - jo \[.*\] ".*" 200 - "-" "-"\n$/)
  expect(combined({ user: '', client: '', status: null })).toMatch(/^- - "" \[.*\] ".*" 499 12 /)
  expect(combined({ method: '', target: '', protocol: '', status: 400 })).toMatch(/\] "-" 400 12 /)
})

test('each line has its own client, user and second, whatever the one before it had', () => {
  const began = ({ client, user }: Partial<RequestEnd>, ms = 0): string =>
    combinedLine(anEnd({ client: client ?? '192.0.2.1', user: user ?? null }), at + ms).replace(/ [+-]\d{4}\].*\n/, '')
  expect(began({})).toBe('192.0.2.1 - - [01/Nov/2026:09:05:07')
  expect(began({ user: 'jo' })).toBe('192.0.2.1 - jo [01/Nov/2026:09:05:07')
  expect(began({ user: 'jo', client: '192.0.2.2' })).toBe('192.0.2.2 - jo [01/Nov/2026:09:05:07')
  expect(began({ user: 'jo', client: '192.0.2.2' }, 1000)).toBe('192.0.2.2 - jo [01/Nov/2026:09:05:08')
  expect(began({ client: '192.0.2.2' }, 1000)).toBe('192.0.2.2 - - [01/Nov/2026:09:05:08')
})

// As ap_escape_logitem (server/util.c of httpd).
test.each([
  ['/"', '/\\"'],
  ['/\\', '/\\\\'],
  ['/\n\r\t\v\b', '/\\n\\r\\t\\v\\b'],
  ['/\x1b[31m\x7f\0', '/\\x1b[31m\\x7f\\x00'],
  ['/\xc3\xa9', '/\\xc3\\xa9'],
])('combined escapes %j as Apache does', (text, escaped) => {
  expect(combined({ target: text })).toContain(`"GET ${escaped} HTTP/1.1"`)
  expect(combined({ rawHeaders: ['User-Agent', text, 'Referer', text], user: text })).toMatch(/^[\x20-\x7e]+\n$/)
  expect(combined({ rawHeaders: ['User-Agent', text] })).toContain(`"${escaped}"\n`)
})

test('json has every field, with null for what was not there', () => {
  expect(json({})).toEqual({
    ...{ time: new Date(at).toISOString(), request: 'k3f9', client: '192.0.2.1', user: null, method: 'GET' },
    ...{ target: '/a?b=c', protocol: 'HTTP/1.1', host: 'a.test', status: 200, bytes: 12, referer: 'http://b.test/' },
    ...{
      userAgent: 'curl/8',
      group: 'site-1',
      workerPid: 812,
      queueMs: 0.25,
      applicationMs: 1.5,
      totalMs: 2.5,
      cause: 'ok',
    },
  })
  const unknown = { group: null, status: null, queueMs: null, applicationMs: null, workerPid: null, rawHeaders: [] }
  const { rawHeaders: _, ...nulls } = unknown
  expect(json(unknown)).toMatchObject({ ...nulls, referer: null, userAgent: null })
})

test.each(['"', '\\', '\n"}{"', '\x1b\0\x7f\x9b', '\xc3\xa9'])(
  'json keeps %j as it is, on one line of ASCII',
  (text) => {
    const line = jsonLine(
      anEnd({ target: text, host: text, user: text, rawHeaders: ['Referer', text, 'User-Agent', text] }),
      at,
    )
    expect(line).toMatch(/^[\x20-\x7e]+\n$/)
    expect(JSON.parse(line)).toMatchObject({ target: text, host: text, user: text, referer: text, userAgent: text })
  },
)
