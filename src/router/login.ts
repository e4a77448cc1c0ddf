// What every way to log in has in common: what is claimed, what comes of it, and what all applications of a router share for it.
import type { CredentialFile, CredentialStore } from './credential-store.ts'
import type { DigestNonces } from './digest-nonces.ts'
import type { FailedLogins } from './failed-logins.ts'
import type { KnownLogins } from './known-logins.ts'
import type { PasswordChecker } from './password-checker.ts'

/** Where a login is asked for. */
export type LoginPlace = Readonly<{ group: string; realm: string; users: CredentialFile }>

/** What all applications of a router share. */
export type LoginContext = Readonly<{
  files: CredentialStore
  checker: PasswordChecker
  known: KnownLogins
  failed: FailedLogins
  nonces: DigestNonces
}>

/** A request as far as it matters here. */
export type Claim = Readonly<{
  /** The header; "" without one. */
  authorization: string
  method: string
  /** The request target as it was sent. */
  url: string
  address: string
}>

/** What is known of the claim: a user (bytes as latin-1), or the answer that the client gets instead. */
export type Verdict =
  | Readonly<{ ok: true; user: string }>
  | Readonly<{ ok: false; status: 400 | 401 | 429 | 503; headers: readonly (readonly [string, string])[]; why: string }>

/** How a claim is proved. */
export type Login = {
  /** As AUTH_TYPE has it. */
  readonly type: 'Basic' | 'Digest'
  /** At once where that is possible: after the first request of a page. */
  prove(claim: Claim): Verdict | Promise<Verdict>
  /** The challenges of a 401. */
  challenge(): readonly (readonly [string, string])[]
}

/** Why somebody is asked who he is. */
export const NO_CREDENTIALS = 'no credentials'

export function cannotCheck(why: string): Verdict {
  return { ok: false, status: 503, headers: [], why }
}

/** Too many attempts: not even looked at. */
export const tooMany: Verdict = {
  ok: false,
  status: 429,
  headers: [['Retry-After', '10']],
  why: 'too many logins of this user from this address wait already',
}
