// Whether a password is that of a hash. Takes as long as the hash was made to take: for a thread of its own, not for the event loop.
import { createHash, timingSafeEqual } from 'node:crypto'
import bcrypt from 'bcryptjs'
import unixCrypt from 'unix-crypt-td-js'
import { recogniseHash, type HashKind } from '../plan/password-hash.ts'
import { md5Crypt, shaCrypt } from './crypt-hashes.ts'

/**
 * @param password its bytes
 * @param hash     as htpasswd writes it; one that is not known is nobody's
 */
export function isPasswordOf(password: Buffer, hash: string): boolean {
  const recognised = recogniseHash(hash)
  if (!recognised.ok) return false
  const made = Buffer.from(hashes[recognised.kind](password, hash), 'latin1')
  const wanted = Buffer.from(hash, 'latin1')
  const isEqual = made.length === wanted.length && timingSafeEqual(made, wanted)
  // crypt(3) ends at a NUL: what follows would not count. The work is done all the same.
  return isEqual && !password.includes(0)
}

const hashes: Readonly<Record<HashKind, (password: Buffer, hash: string) => string>> = {
  bcrypt: (password, hash) => bcrypt.hashSync(password.toString('utf8'), hash.slice(0, 29)),
  apr1: (password, hash) => withMd5(password, hash, '$apr1$'),
  'md5-crypt': (password, hash) => withMd5(password, hash, '$1$'),
  sha1: (password) => `{SHA}${createHash('sha1').update(password).digest('base64')}`,
  'sha256-crypt': (password, hash) => withSha('sha256', password, hash),
  'sha512-crypt': (password, hash) => withSha('sha512', password, hash),
  'des-crypt': (password, hash) => unixCrypt([...password.subarray(0, 8)], hash.slice(0, 2)),
}

function withMd5(password: Buffer, hash: string, magic: '$1$' | '$apr1$'): string {
  const prefix = hash.slice(0, hash.lastIndexOf('$') + 1)
  const salt = Buffer.from(prefix.slice(magic.length, -1), 'latin1')
  return prefix + md5Crypt(password, salt, magic)
}

function withSha(algorithm: 'sha256' | 'sha512', password: Buffer, hash: string): string {
  const prefix = hash.slice(0, hash.lastIndexOf('$') + 1)
  const [, rounds, salt = ''] = /^\$[56]\$(?:rounds=([0-9]+)\$)?(.*)\$$/.exec(prefix) ?? []
  return prefix + shaCrypt(algorithm, password, { salt: Buffer.from(salt, 'latin1'), rounds: Number(rounds ?? 5000) })
}
