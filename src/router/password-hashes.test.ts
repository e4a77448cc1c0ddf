// Hashes made by Apache's htpasswd and by openssl, so that ours are theirs.
import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { isPasswordOf } from './password-hashes.ts'

const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] }).trim()

const htpasswd = (option: string) => (password: string) => run('htpasswd', '-nb', option, 'joe', password).slice(4)
const openssl = (option: string, salt: string) => (password: string) =>
  run('openssl', 'passwd', option, '-salt', salt, password)
const mkpasswd = (rounds: string) => (password: string) =>
  run('perl', '-e', 'print crypt($ARGV[0], $ARGV[1])', password, rounds)

// Lengths around the sizes of blocks are where implementations go wrong.
const passwords = [
  'x',
  'correct horse',
  'pässwörd €',
  ...[8, 15, 16, 17, 31, 32, 33, 63, 64, 65].map((n) => 'p'.repeat(n)),
]

test.each([
  ['bcrypt of htpasswd -B', htpasswd('-B')],
  ['MD5 of htpasswd -m', htpasswd('-m')],
  ['SHA-1 of htpasswd -s', htpasswd('-s')],
  ['crypt of htpasswd -d', htpasswd('-d')],
  ['apr1 of openssl', openssl('-apr1', 'Qx')],
  ['MD5 crypt of openssl', openssl('-1', 'abcdefgh')],
  ['SHA-256 crypt of openssl', openssl('-5', 'saltsalt')],
  ['SHA-512 crypt of openssl', openssl('-6', '0123456789abcdef')],
  ['SHA-512 crypt with rounds, of crypt(3)', mkpasswd('$6$rounds=1234$some.salt$')],
  ['SHA-256 crypt with few rounds, of crypt(3)', mkpasswd('$5$rounds=1000$x$')],
  ['DES crypt of crypt(3)', mkpasswd('zQ')],
])('a password is known by its hash, others are not: %s', (what, hashOf) => {
  // crypt(3) with DES looks at eight characters.
  const tried = /DES|-d$/.test(what) ? passwords.filter((each) => Buffer.byteLength(each) <= 8) : passwords
  for (const password of tried) {
    const hash = hashOf(password)
    const isRight = (text: string): boolean => isPasswordOf(Buffer.from(text, 'utf8'), hash)
    expect({ password, hash, right: isRight(password) }).toEqual({ password, hash, right: true })
    expect([isRight(`${password.slice(0, -1)}!`), isRight(''), isRight(`${password}\0`)]).toEqual([false, false, false])
  }
})

test.each([
  ['', 'nothing'],
  ['secret', 'a password as it is'],
  ['$2y$31$abcdefghijklmnopqrstuuJ8Z0Pn1sRk4wqkQmJrZ1v8Zx8n0b0b0', 'bcrypt that takes years'],
  [`$6$rounds=999999999$x$${'a'.repeat(86)}`, 'a thousand million rounds'],
  ['$y$j9T$abc$def', 'a kind that is not known'],
  ['*', 'a locked account'],
])('%s is the hash of no password: %s', (hash) => {
  expect(isPasswordOf(Buffer.from(hash), hash)).toBe(false)
})
