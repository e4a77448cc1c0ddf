import { expect, test } from '@jest/globals'
import { acceptedCodings } from './content-codings.ts'
import { isBelow } from './authentication.ts'
import { readBasic } from './basic-login.ts'
import { readDigest } from './digest-login.ts'
import { DigestNonces } from './digest-nonces.ts'
import { FailedLogins } from './failed-logins.ts'
import { KnownLogins } from './known-logins.ts'
import { withLogin } from './request-head.ts'

const waits = (logins: FailedLogins, trying: { address: string; user: string }, now: number): number => {
  const attempt = logins.begin(trying, now)
  if (attempt === null) return -1
  logins.end(attempt, true)
  return attempt.waitMs
}

test('each failure beyond three doubles the wait, up to 8 s, and 30 s take one back', () => {
  const logins = new FailedLogins()
  const joe = { address: '192.0.2.1', user: 'joe' }
  const first = Array.from({ length: 9 }, () => waits(logins, joe, 0))
  expect(first).toEqual([0, 0, 0, 500, 1000, 2000, 4000, 8000, 8000])
  expect(waits(logins, joe, 8 * 30_000)).toBe(0)
})

test('another user, another address and who succeeds wait for nothing', () => {
  const logins = new FailedLogins()
  for (let count = 0; count < 20; count += 1) waits(logins, { address: '192.0.2.1', user: 'joe' }, 0)
  expect(waits(logins, { address: '192.0.2.1', user: 'ann' }, 0)).toBe(0)
  expect(waits(logins, { address: '192.0.2.2', user: 'joe' }, 0)).toBe(0)
  for (let count = 0; count < 20; count += 1) {
    const attempt = logins.begin({ address: '192.0.2.3', user: 'eve' }, 0)
    expect(attempt?.waitMs).toBe(0)
    if (attempt !== null) logins.end(attempt, false)
  }
})

test('attempts that go on count as failed, and more than eight at a time are refused', () => {
  const logins = new FailedLogins()
  const joe = { address: '2001:db8:0:1::1', user: 'joe' }
  const running = Array.from({ length: 9 }, () => logins.begin(joe, 0))
  expect(running.map((attempt) => attempt?.waitMs ?? null)).toEqual([0, 0, 0, 500, 1000, 2000, 4000, 8000, null])
  // The same customer, another address of his.
  expect(logins.begin({ address: '2001:db8:0:1:ffff::2', user: 'joe' }, 0)).toBeNull()
})

test('a nonce is good for its time, each count once, and only of this server', () => {
  const nonces = new DigestNonces('secret')
  const nonce = nonces.make(1000)
  const uses = [3, 1, 2, 1, 3, 4].map((count) => nonces.use(nonce, count, 2000))
  expect(uses).toEqual([true, true, true, false, false, true])
  expect(nonces.use(nonce, 5, 1000 + 300_001)).toBe(false)
  expect(nonces.use(nonces.make(5000), 1, 4000)).toBe(false)
  expect(new DigestNonces('other').use(nonce, 1, 2000)).toBe(false)
  expect(new DigestNonces('secret').use(nonce, 1, 2000)).toBe(true)
  for (const forged of ['', 'a.b.c', `${nonce}x`, nonce.slice(1)]) expect(nonces.use(forged, 1, 2000)).toBe(false)
})

test('a nonce whose counts had to be forgotten is not good a second time', () => {
  const nonces = new DigestNonces('secret')
  const first = nonces.make(1000)
  expect(nonces.use(first, 1, 2000)).toBe(true)
  for (let count = 0; count < 10_000; count += 1) nonces.use(nonces.make(1500), 1, 2000)
  expect(nonces.use(first, 1, 2000)).toBe(false)
})

test('what is known of a login ends with the file it was checked by, and after five minutes', () => {
  const known = new KnownLogins()
  const mark = known.markOf('login', 'a', '/users', 'version 1', 'joe', 'secret')
  known.remember(mark, 0)
  expect([known.isKnown(mark, 299_999), known.isKnown(mark, 300_000)]).toEqual([true, false])
  expect(known.markOf('login', 'a', '/users', 'version 2', 'joe', 'secret')).not.toBe(mark)
  expect(new KnownLogins().markOf('login', 'a', '/users', 'version 1', 'joe', 'secret')).not.toBe(mark)
  expect(mark).not.toContain('secret')
})

test.each([
  ['Basic am9lOmE6Yg==', { user: 'joe', password: 'a:b' }],
  ['basic  am9lOg==', { user: 'joe', password: '' }],
  ['Basic OmE=', undefined],
  ['Basic am9l', undefined],
  ['Basic am8KZTph', undefined],
  ['Bearer am9lOmE6Yg==', undefined],
  ['Basic am9lOmE6Yg== x', undefined],
  ['', undefined],
])('the header %j names %j', (header, expected) => {
  expect(readBasic(header)).toEqual(expected)
})

test('the fields of a digest are read with their quotes, and none is taken twice', () => {
  const fields = readDigest('Digest username="a \\"b\\"", qop=auth, nc=00000001,uri="/x?a=1,b"')
  expect([...(fields ?? [])]).toEqual([
    ['username', 'a "b"'],
    ['qop', 'auth'],
    ['nc', '00000001'],
    ['uri', '/x?a=1,b'],
  ])
  for (const wrong of [
    'Basic x',
    'Digest username="a", Username="b"',
    'Digest username="a',
    'Digest =a',
    'Digest a=b c',
  ])
    expect(readDigest(wrong)).toBeUndefined()
})

test.each([
  ['', []],
  ['gzip, deflate, br', ['br', 'gzip']],
  ['br;q=0, gzip', ['gzip']],
  ['x-gzip', ['gzip']],
  ['*', ['br', 'gzip']],
  ['*;q=0, gzip;q=0.1', ['gzip']],
  ['identity', []],
  ['GZIP ; Q=1', ['gzip']],
])('Accept-Encoding %j takes %j', (header, expected) => {
  expect(acceptedCodings(header).map(({ name }) => name)).toEqual(expected)
})

test.each([
  ['/login', '/login', true],
  ['/login/x', '/login', true],
  ['/login2', '/login', false],
  ['/', '', true],
  ['', '', true],
  ['/lo', '/login', false],
])('%j is below %j: %j', (path, prefix, expected) => {
  expect(isBelow(path, prefix)).toBe(expected)
})

test('who has logged in stands in the head, what proved it does not; a value that looks like the header stays', () => {
  const head = '0\0id\0HTTP_X\0HTTP_AUTHORIZATION\0HTTP_AUTHORIZATION\0Basic x\0SERVER_PROTOCOL\0HTTP/1.1'
  expect(withLogin(head, { user: 'joe', type: 'Basic' })).toBe(
    '0\0id\0HTTP_X\0HTTP_AUTHORIZATION\0SERVER_PROTOCOL\0HTTP/1.1\0REMOTE_USER\0joe\0AUTH_TYPE\0Basic',
  )
})
