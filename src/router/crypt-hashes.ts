// The hashes of crypt(3) that Node has not: MD5 (also Apache's apr1), SHA-256 and SHA-512. Bytes in, the text behind the salt out.
// Knows no file and no user. Sources: APR's apr_md5.c (public algorithm of FreeBSD), Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512".
import { createHash } from 'node:crypto'

const digits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** @param magic "$1$" or "$apr1$"; @param salt at most 8 bytes */
export function md5Crypt(password: Buffer, salt: Buffer, magic: string): string {
  const hash = (...parts: readonly Uint8Array[]): Buffer => digest('md5', parts)
  const inner = hash(password, salt, password)
  const parts = [password, Buffer.from(magic), salt, repeatTo(inner, password.length)]
  for (let length = password.length; length > 0; length >>= 1)
    parts.push((length & 1) === 1 ? Buffer.alloc(1) : password.subarray(0, 1))
  let state = hash(...parts)
  for (let round = 0; round < 1000; round += 1) state = hash(...mixed(round, { state, password, salt }))
  return encode(state, [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [11]])
}

/** @param salt at most 16 bytes; @param rounds 1,000 or more: fewer count as 1,000 */
export function shaCrypt(
  algorithm: 'sha256' | 'sha512',
  password: Buffer,
  { salt, rounds }: Readonly<{ salt: Buffer; rounds: number }>,
): string {
  const hash = (...parts: readonly Uint8Array[]): Buffer => digest(algorithm, parts)
  const inner = hash(password, salt, password)
  const parts = [password, salt, repeatTo(inner, password.length)]
  for (let length = password.length; length > 0; length >>= 1) parts.push((length & 1) === 1 ? inner : password)
  let state = hash(...parts)
  const passwords = repeatTo(hash(...Array<Buffer>(password.length).fill(password)), password.length)
  const salts = repeatTo(hash(...Array<Buffer>(16 + (state[0] ?? 0)).fill(salt)), salt.length)
  const all = Math.max(1000, rounds)
  for (let round = 0; round < all; round += 1)
    state = hash(...mixed(round, { state, password: passwords, salt: salts }))
  return encode(state, algorithm === 'sha256' ? sha256Order : sha512Order)
}

/** What one round hashes; the same in both. */
function mixed(
  round: number,
  { state, password, salt }: Readonly<{ state: Buffer; password: Buffer; salt: Buffer }>,
): readonly Buffer[] {
  const odd = (round & 1) === 1
  return [
    odd ? password : state,
    ...(round % 3 === 0 ? [] : [salt]),
    ...(round % 7 === 0 ? [] : [password]),
    odd ? state : password,
  ]
}

function digest(algorithm: string, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function repeatTo(block: Buffer, length: number): Buffer {
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, block)
}

type Order = readonly (readonly number[])[]

/** Groups of three bytes, most significant first, as digits of base 64, least significant first. */
function encode(bytes: Buffer, order: Order): string {
  return order
    .map((group) => {
      let value = group.reduce((sum, index) => (sum << 8) | (bytes[index] ?? 0), 0)
      let text = ''
      for (let count = group.length + 1; count > 0; count -= 1) {
        text += digits[value & 63] ?? ''
        value >>= 6
      }
      return text
    })
    .join('')
}

/** Each group is the one before, rotated, plus one. */
function rotated(first: readonly [number, number, number], groups: number): Order {
  const order: [number, number, number][] = [[...first]]
  while (order.length < groups) {
    const [a, b, c] = order.at(-1) ?? first
    order.push(first[1] === 10 ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1])
  }
  return order
}

const sha256Order: Order = [...rotated([0, 10, 20], 10), [31, 30]]
const sha512Order: Order = [...rotated([0, 21, 42], 21), [63]]
