// What the router knows of the files of users and groups. It cannot read them: it asks the supervisor, when somebody wants to pass and the last
// answer is a second old.
import type { CredentialEntry, CredentialKind } from '../plan/credential-files.ts'
import type { CredentialName, CredentialState } from '../protocol/supervision.ts'

/** A change of a file holds after this long at the latest. */
const FRESH_MS = 1_000
/** A supervisor that has not answered by then is not waited for: nobody passes. */
const PATIENCE_MS = 5_000

type Ask = (name: CredentialName, version: string | null) => void

/** One file, as it was last heard of. */
export class CredentialFile {
  readonly name: CredentialName
  readonly #ask: Ask
  #checkedAt = -Infinity
  #version: string | null = null
  #index: CredentialIndex | null = null
  #waiting: { readonly promise: Promise<void>; readonly settle: () => void; readonly timer: NodeJS.Timeout } | null =
    null

  constructor(name: CredentialName, ask: Ask) {
    this.name = name
    this.#ask = ask
  }

  get isFresh(): boolean {
    return performance.now() - this.#checkedAt < FRESH_MS
  }

  /** null: nobody can be checked, because the file cannot be read or is not known. */
  get index(): CredentialIndex | null {
    return this.#index
  }

  /** Asks; what was known stays until the answer is there, and is nothing when none comes. */
  refresh(): Promise<void> {
    if (this.#waiting !== null) return this.#waiting.promise
    let settle = (): void => undefined
    const promise = new Promise<void>((resolve) => (settle = resolve))
    const timer = setTimeout(() => this.arrived({ state: 'unusable' }), PATIENCE_MS)
    this.#waiting = { promise, settle, timer }
    this.#ask(this.name, this.#version)
    return promise
  }

  arrived(answer: CredentialState): void {
    if (answer.state === 'new') {
      this.#version = answer.version
      this.#index = new CredentialIndex(answer.version, answer.entries, this.name.kind)
    } else if (answer.state === 'unusable') {
      this.#version = null
      this.#index = null
    }
    if (answer.state !== 'unusable') this.#checkedAt = performance.now()
    if (this.#waiting === null) return
    clearTimeout(this.#waiting.timer)
    this.#waiting.settle()
    this.#waiting = null
  }
}

/** The entries of a file, to be looked up. */
export class CredentialIndex {
  readonly version: string
  /** Of htpasswd: hashes by user. */
  readonly hashes: ReadonlyMap<string, string>
  /** Of htdigest: hashes by user and realm, separated by ":". */
  readonly digests: ReadonlyMap<string, readonly string[]>
  /** Of a file of groups: members by group. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>

  constructor(version: string, entries: readonly CredentialEntry[], kind: CredentialKind) {
    this.version = version
    const of = (wanted: CredentialKind): readonly CredentialEntry[] => (kind === wanted ? entries : [])
    // Reversed: of a user's several lines the first holds, as Apache has it.
    this.hashes = new Map([...of('basic')].reverse().map(([user = '', hash = '']) => [user, hash]))
    const digests = new Map<string, string[]>()
    for (const [user = '', realm = '', hash = ''] of of('digest')) {
      const known = digests.get(`${user}:${realm}`) ?? []
      if (!known.some((other) => other.length === hash.length)) digests.set(`${user}:${realm}`, [...known, hash])
    }
    this.digests = digests
    const members = new Map<string, Set<string>>()
    for (const [group = '', ...users] of of('groups'))
      members.set(group, new Set([...(members.get(group) ?? []), ...users]))
    this.members = members
  }
}

/** All files that some route needs. */
export class CredentialStore {
  readonly #ask: Ask
  readonly #files = new Map<string, CredentialFile>()
  #needed = new Set<string>()

  constructor(ask: Ask) {
    this.#ask = ask
  }

  file(name: CredentialName): CredentialFile {
    const key = keyOf(name)
    const file = this.#files.get(key) ?? new CredentialFile(name, this.#ask)
    this.#files.set(key, file)
    this.#needed.add(key)
    return file
  }

  arrived(name: CredentialName, answer: CredentialState): void {
    this.#files.get(keyOf(name))?.arrived(answer)
  }

  /** Forgets the files that were not asked for since the last call. */
  forgetOthers(): void {
    for (const key of this.#files.keys()) if (!this.#needed.has(key)) this.#files.delete(key)
    this.#needed = new Set()
  }
}

const keyOf = ({ group, kind, path }: CredentialName): string => `${group}\0${kind}\0${path}`
