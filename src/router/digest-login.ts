// The Digest scheme (RFC 7616) against an htdigest file: MD5 and SHA-256, qop=auth.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { CredentialIndex } from './credential-store.ts'
import {
  NO_CREDENTIALS,
  tooMany,
  type Claim,
  type Login,
  type LoginContext,
  type LoginPlace,
  type Verdict,
} from './login.ts'

const ALGORITHMS = [
  { name: 'SHA-256', hash: 'sha256', digits: 64 },
  { name: 'MD5', hash: 'md5', digits: 32 },
] as const
type Algorithm = (typeof ALGORITHMS)[number]

type Fields = ReadonlyMap<string, string>

export class DigestLogin implements Login {
  readonly type = 'Digest'
  readonly #place: LoginPlace
  readonly #context: LoginContext
  readonly #decoy = randomBytes(32)
  /** Algorithms that the file has for everybody of the realm, best first; made once for each version of the file. */
  #offered: Readonly<{ index: CredentialIndex; algorithms: readonly Algorithm[] }> | null = null

  constructor(place: LoginPlace, context: LoginContext) {
    this.#place = place
    this.#context = context
  }

  challenge(stale = false) {
    const end = `nonce="${this.#context.nonces.make()}"${stale ? ', stale=true' : ''}`
    const start = `Digest realm="${this.#place.realm}", qop="auth"`
    return this.#algorithms().map(({ name }) => ['WWW-Authenticate', `${start}, algorithm=${name}, ${end}`] as const)
  }

  prove(claim: Claim): Verdict | Promise<Verdict> {
    const fields = readDigest(claim.authorization)
    const user = fields?.get('username') ?? ''
    const algorithm = ALGORITHMS.find(({ name }) => name === (fields?.get('algorithm') ?? 'MD5').toUpperCase())
    const isOurs = fields?.get('realm') === this.#place.realm && fields.get('qop') === 'auth'
    if (fields === undefined || algorithm === undefined || !isOurs || !/^[^\0-\x1f\x7f:]+$/.test(user))
      return this.#refused(NO_CREDENTIALS)
    if (!isSameTarget(fields.get('uri') ?? '', claim.url))
      return { ok: false, status: 400, headers: [], why: 'the digest was made for another address' }
    const who = { address: claim.address, user: `${this.#place.group}\0${user}` }
    const attempt = this.#context.failed.begin(who, performance.now())
    if (attempt === null) return tooMany
    const finish = (): Verdict => {
      const right = this.#isRight(fields, algorithm, { user, method: claim.method })
      this.#context.failed.end(attempt, !right)
      if (!right) return this.#refused(`login of ${JSON.stringify(user)} from ${claim.address} failed`)
      return this.#useNonce(fields) ? { ok: true, user } : this.#refused('the nonce is used up', true)
    }
    return attempt.waitMs === 0 ? finish() : pause(attempt.waitMs).then(finish)
  }

  #isRight(fields: Fields, { hash, digits }: Algorithm, claim: Readonly<{ user: string; method: string }>): boolean {
    const hashOf = (...parts: readonly string[]): string =>
      createHash(hash).update(parts.join(':'), 'latin1').digest('hex')
    const known = this.#place.users.index?.digests
      .get(`${claim.user}:${this.#place.realm}`)
      ?.find((each) => each.length === digits)
    // For somebody unknown the same work with a secret that nobody has.
    const secret = known ?? createHmac(hash, this.#decoy).update(claim.user).digest('hex')
    const field = (name: string): string => fields.get(name) ?? ''
    const request = hashOf(claim.method, field('uri'))
    const wanted = hashOf(secret, field('nonce'), field('nc'), field('cnonce'), 'auth', request)
    const given = field('response').toLowerCase()
    const isEqual = given.length === wanted.length && timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(wanted))
    return isEqual && known !== undefined
  }

  #useNonce(fields: Fields): boolean {
    const count = fields.get('nc') ?? ''
    return /^[0-9a-f]{8}$/i.test(count) && this.#context.nonces.use(fields.get('nonce') ?? '', parseInt(count, 16))
  }

  #algorithms(): readonly Algorithm[] {
    const { index } = this.#place.users
    if (index === null) return ALGORITHMS
    if (this.#offered?.index === index) return this.#offered.algorithms
    const ofRealm = [...index.digests].filter(([key]) => key.endsWith(`:${this.#place.realm}`))
    const has =
      (digits: number) =>
      ([, hashes]: (typeof ofRealm)[number]): boolean =>
        hashes.some((hash) => hash.length === digits)
    const common = ALGORITHMS.filter(({ digits }) => ofRealm.every(has(digits)))
    const some = ALGORITHMS.filter(({ digits }) => ofRealm.some(has(digits)))
    // What only some have is offered when there is nothing that all have.
    const algorithms = common.length > 0 ? common : some
    this.#offered = { index, algorithms }
    return algorithms
  }

  #refused(why: string, stale = false): Verdict {
    return { ok: false, status: 401, headers: this.challenge(stale), why }
  }
}

// RFC 7616 §3.4.6: both name the same; a client that was told of a proxy may write the absolute form in one of the two.
function isSameTarget(uri: string, url: string): boolean {
  return uri === url || pathOf(uri) === pathOf(url)
}

const pathOf = (target: string): string => target.replace(/^https?:\/\/[^/?#]+/i, '')

const fieldPattern = /[\s,]*([A-Za-z0-9*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?=,|$)/y

/** The fields of an Authorization header; undefined when it is none of this scheme, or says a thing twice. */
export function readDigest(authorization: string): Fields | undefined {
  const [scheme, text] = [authorization.slice(0, 7), authorization.slice(7).trimEnd()]
  if (scheme.toLowerCase() !== 'digest ') return undefined
  const fields = new Map<string, string>()
  fieldPattern.lastIndex = 0
  while (fieldPattern.lastIndex < text.length) {
    const match = fieldPattern.exec(text)
    const [, name = '', quoted, token = ''] = match ?? []
    if (match === null || fields.has(name.toLowerCase())) return undefined
    fields.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token)
  }
  return fields
}
