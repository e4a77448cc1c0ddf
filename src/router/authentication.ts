// `auth` of one application: which paths ask for a password, and what becomes of a request that comes there. How a password is proved is
// in basic-login.ts and digest-login.ts.
import type { AuthPlan } from '../plan/plan.ts'
import { BasicLogin } from './basic-login.ts'
import type { CredentialFile } from './credential-store.ts'
import { DigestLogin } from './digest-login.ts'
import { cannotCheck, type Claim, type Login, type LoginContext, type Verdict } from './login.ts'

export class Authentication {
  readonly login: Login
  readonly #paths: readonly string[]
  readonly #isAllowed: (user: string) => boolean
  readonly #files: readonly CredentialFile[]

  /** @param group the name of the group whose files they are */
  constructor(group: string, auth: AuthPlan, context: LoginContext) {
    const users = context.files.file({ group, kind: auth.type, path: auth.users })
    const groups = auth.groups === null ? null : context.files.file({ group, kind: 'groups', path: auth.groups })
    const place = { group, realm: auth.realm, users }
    this.login = auth.type === 'basic' ? new BasicLogin(place, context) : new DigestLogin(place, context)
    this.#paths = auth.paths.map((path) => path.toLowerCase())
    this.#files = groups === null ? [users] : [users, groups]
    this.#isAllowed = ruleOf(auth.require, groups)
  }

  /**
   * Whether a path asks for a password. Upper and lower case are the same: an application that thinks so too is not to be entered by /LOGIN.
   *
   * @param path below the mount, decoded and normalised as the application gets it
   */
  covers(path: string): boolean {
    const lower = path.toLowerCase()
    return this.#paths.some((prefix) => isBelow(lower, prefix))
  }

  judge(claim: Claim): Verdict | Promise<Verdict> {
    return this.#files.every((file) => file.isFresh) ? this.#prove(claim) : this.#refreshThenProve(claim)
  }

  async #refreshThenProve(claim: Claim): Promise<Verdict> {
    await Promise.all(this.#files.filter((file) => !file.isFresh).map((file) => file.refresh()))
    return this.#prove(claim)
  }

  #prove(claim: Claim): Verdict | Promise<Verdict> {
    if (this.#files.some((file) => file.index === null))
      return cannotCheck('a file of auth cannot be read: see wsgid.log')
    const verdict = this.login.prove(claim)
    return verdict instanceof Promise ? verdict.then((proved) => this.#allow(proved)) : this.#allow(verdict)
  }

  // As Apache: who is not among them may come back as somebody else.
  #allow(verdict: Verdict): Verdict {
    if (!verdict.ok || this.#isAllowed(verdict.user)) return verdict
    const why = `user ${JSON.stringify(verdict.user)} is not among those that may pass`
    return { ok: false, status: 401, headers: this.login.challenge(), why }
  }
}

/** "" is above everything; "/a" is above "/a" and "/a/b", not above "/ab". */
export function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || prefix === '' || path[prefix.length] === '/')
}

function ruleOf(require: AuthPlan['require'], groups: CredentialFile | null): (user: string) => boolean {
  if (require === null) return () => true
  const users = new Set(require.users.map(asBytes))
  const names = require.groups.map(asBytes)
  return (user) => users.has(user) || names.some((name) => groups?.index?.members.get(name)?.has(user) === true)
}

/** Names in files and requests are bytes, those of the configuration text. */
const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
