// The Basic scheme (RFC 7617) against an htpasswd file. The hash is computed elsewhere; here is decided when, and what the answer means.
import { setTimeout as pause } from 'node:timers/promises'
import type { CredentialIndex } from './credential-store.ts'
import type { Attempt } from './failed-logins.ts'
import {
  cannotCheck,
  NO_CREDENTIALS,
  tooMany,
  type Claim,
  type Login,
  type LoginContext,
  type LoginPlace,
  type Verdict,
} from './login.ts'

type Credentials = Readonly<{ user: string; password: string }>

export class BasicLogin implements Login {
  readonly type = 'Basic'
  readonly #place: LoginPlace
  readonly #context: LoginContext
  /** What is being checked right now: a page's many requests are one attempt. */
  readonly #running = new Map<string, Promise<Verdict>>()

  constructor(place: LoginPlace, context: LoginContext) {
    this.#place = place
    this.#context = context
  }

  challenge() {
    return [['WWW-Authenticate', `Basic realm="${this.#place.realm}", charset="UTF-8"`]] as const
  }

  prove(claim: Claim): Verdict | Promise<Verdict> {
    const credentials = readBasic(claim.authorization)
    if (credentials === undefined) return this.#refused(NO_CREDENTIALS)
    const mark = this.#markOf(credentials)
    if (this.#context.known.isKnown(mark, performance.now())) return { ok: true, user: credentials.user }
    const running = this.#running.get(mark) ?? this.#attempt(credentials, claim.address)
    if (!this.#running.has(mark)) {
      this.#running.set(mark, running)
      void running.finally(() => this.#running.delete(mark))
    }
    return running
  }

  async #attempt(credentials: Credentials, address: string): Promise<Verdict> {
    const { failed, known } = this.#context
    const { group, users } = this.#place
    const attempt = failed.begin({ address, user: `${group}\0${credentials.user}` }, performance.now())
    if (attempt === null) return tooMany
    const result = await this.#check(credentials, attempt)
    failed.end(attempt, result === 'wrong')
    if (result === 'busy') return cannotCheck('too many passwords wait to be checked, or the file cannot be read')
    if (result === 'wrong') return this.#refused(`login of ${JSON.stringify(credentials.user)} from ${address} failed`)
    if (users.index !== null) known.remember(this.#markOf(credentials), performance.now())
    return { ok: true, user: credentials.user }
  }

  async #check({ user, password }: Credentials, { waitMs }: Attempt): Promise<'right' | 'wrong' | 'busy'> {
    const { group, users } = this.#place
    if (waitMs > 0) {
      await pause(waitMs)
      if (!users.isFresh) await users.refresh()
    }
    const { index } = users
    if (index === null) return 'busy'
    const hash = index.hashes.get(user)
    const result = await this.#context.checker.check(group, { password, hash: hash ?? this.#decoyFor(user, index) })
    // The file may have changed while it was computed; then what was right says nothing.
    if (users.index?.hashes.get(user) !== hash) return result === 'right' ? 'busy' : result
    return hash === undefined && result === 'right' ? 'wrong' : result
  }

  /** An unknown user costs the hash of some known one, always the same: how long an answer takes tells nobody who is known. */
  #decoyFor(user: string, { hashes }: CredentialIndex): string {
    const mark = this.#context.known.markOf('decoy', user)
    const all = [...hashes.values()]
    return all[(mark.charCodeAt(0) * 256 + mark.charCodeAt(1)) % Math.max(1, all.length)] ?? ''
  }

  #markOf({ user, password }: Credentials): string {
    const { group, users } = this.#place
    return this.#context.known.markOf('login', group, users.name.path, users.index?.version ?? '', user, password)
  }

  #refused(why: string): Verdict {
    return { ok: false, status: 401, headers: this.challenge(), why }
  }
}

/** The user and password of an Authorization header, bytes as latin-1; undefined when it has none. */
export function readBasic(authorization: string): Credentials | undefined {
  const [, token] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization) ?? []
  if (token === undefined) return undefined
  const text = Buffer.from(token, 'base64').toString('latin1')
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  const user = text.slice(0, colon)
  // RFC 7617 §2: no control characters; they would stand in environ and in logs.
  return /[\0-\x1f\x7f]/.test(user) ? undefined : { user, password: text.slice(colon + 1) }
}
