// The password hashes that htpasswd and its like make: which kind one is, and whether it is one that wsgid checks. Computes none. Pure.

/** Kinds by the names that documentation and messages use. */
export type HashKind = 'bcrypt' | 'apr1' | 'md5-crypt' | 'sha1' | 'sha256-crypt' | 'sha512-crypt' | 'des-crypt'

// A login must not take longer than a second or so of one processor: who writes the file decides what a guess costs everybody.
const MOST_BCRYPT_COST = 14
const MOST_SHA_ROUNDS = 500_000

const base64 = '[./0-9A-Za-z]'
const patterns: readonly (readonly [HashKind, RegExp])[] = [
  ['bcrypt', new RegExp(`^\\$2[aby]\\$([0-9]{2})\\$${base64}{53}$`)],
  ['apr1', new RegExp(`^\\$apr1\\$[^$]{0,8}\\$${base64}{22}$`)],
  ['md5-crypt', new RegExp(`^\\$1\\$[^$]{0,8}\\$${base64}{22}$`)],
  ['sha1', /^\{SHA\}[0-9A-Za-z+/]{27}=$/],
  ['sha256-crypt', new RegExp(`^\\$5\\$(?:rounds=([0-9]{1,9})\\$)?[^$]{0,16}\\$${base64}{43}$`)],
  ['sha512-crypt', new RegExp(`^\\$6\\$(?:rounds=([0-9]{1,9})\\$)?[^$]{0,16}\\$${base64}{86}$`)],
  ['des-crypt', new RegExp(`^${base64}{13}$`)],
]

/** The kind of a hash, or why wsgid does not check it, for a message that does not show it. */
export function recogniseHash(
  hash: string,
): Readonly<{ ok: true; kind: HashKind }> | Readonly<{ ok: false; why: string }> {
  for (const [kind, pattern] of patterns) {
    const match = pattern.exec(hash)
    if (match === null) continue
    const cost = Number(match[1] ?? 0)
    if (kind === 'bcrypt' && (cost < 4 || cost > MOST_BCRYPT_COST))
      return { ok: false, why: `a cost of bcrypt that is not from 4 to ${MOST_BCRYPT_COST}` }
    if (cost > MOST_SHA_ROUNDS) return { ok: false, why: `more than ${MOST_SHA_ROUNDS} rounds` }
    return { ok: true, kind }
  }
  return {
    ok: false,
    why: 'no hash of bcrypt, apr1, {SHA}, crypt with SHA-256, SHA-512, MD5 or DES',
  }
}
