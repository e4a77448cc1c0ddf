// Reads files of users and groups for the routers, which cannot. A router gets only what the plan of a group names, and entries, never texts.
// A file is looked at when a router asks, and read when it has changed.
import { stat } from 'node:fs/promises'
import { readCredentialFile } from '../facts/credential-files.ts'
import { errnoOf } from '../errno.ts'
import type { Logs } from '../observe/logs.ts'
import { credentialSources } from '../plan/authentication.ts'
import { parseCredentials, type CredentialEntry } from '../plan/credential-files.ts'
import type { GroupPlan } from '../plan/plan.ts'
import type { CredentialName, CredentialState } from '../protocol/supervision.ts'

type World = Readonly<{
  logs: Logs
  /** Whether wsgid is root: then a file is read as its group's user could. */
  privileged: boolean
  planOf: (group: string) => GroupPlan | undefined
}>

/** What a file held when it was last looked at. `version` null: it cannot be used. */
type Known = Readonly<{
  identity: string
  version: string | null
  entries: readonly CredentialEntry[]
  trouble: string | null
}>

export class Credentials {
  readonly #world: World
  /** By group, then by what is read as what. */
  readonly #groups = new Map<string, Map<string, Promise<Known>>>()

  constructor(world: World) {
    this.#world = world
  }

  /**
   * What a router is to know of a file; never rejects.
   *
   * @param version of what it has, null without any
   */
  async answer(name: CredentialName, version: string | null): Promise<CredentialState> {
    const plan = this.#world.planOf(name.group)
    if (plan === undefined || !isNamedBy(plan, name)) return { state: 'unusable' }
    const files = this.#groups.get(name.group) ?? new Map<string, Promise<Known>>()
    this.#groups.set(name.group, files)
    const key = `${name.kind} ${name.path}`
    // One look after the other, so that two routers do not read it twice.
    const looking = this.#look(name, plan, files.get(key))
    files.set(key, looking)
    const known = await looking
    if (known.version === null) return { state: 'unusable' }
    return known.version === version
      ? { state: 'same' }
      : { state: 'new', version: known.version, entries: known.entries }
  }

  /** A group is gone. */
  forget(group: string): void {
    this.#groups.delete(group)
  }

  async #look(name: CredentialName, plan: GroupPlan, before: Promise<Known> | undefined): Promise<Known> {
    const known = await before
    const identity = `${await identityOf(name.path)} ${plan.identity.uid} ${plan.identity.groups.join()}`
    // One that cannot be used is tried again: what shut it off may be a directory above it.
    const isUnchanged = known?.identity === identity && known.version !== null
    return isUnchanged ? known : await this.#read(name, plan, { known, identity })
  }

  async #read(
    name: CredentialName,
    plan: GroupPlan,
    { known, identity }: Readonly<{ known: Known | undefined; identity: string }>,
  ): Promise<Known> {
    const read = await readCredentialFile(name.path, this.#world.privileged ? plan.identity : null)
    if (!read.ok) return this.#unusable(name, { known, identity, why: `cannot be read: ${read.reason}` })
    const { entries, wrong } = parseCredentials(read.text, name.kind)
    const [first] = wrong
    if (first === undefined) return { identity, version: identity, entries, trouble: null }
    const why = `line ${first.line}: ${first.why}`
    if (known === undefined || known.version === null) return this.#unusable(name, { known, identity, why })
    // Half a file is on its way to become a whole one, or somebody has made a mistake.
    this.#say(name, `${why}; what it said before still holds`)
    return { ...known, identity }
  }

  #unusable(
    name: CredentialName,
    { known, identity, why }: Readonly<{ known: Known | undefined; identity: string; why: string }>,
  ): Known {
    if (known?.trouble !== why) this.#say(name, `${why}; nobody can log in`)
    return { identity, version: null, entries: [], trouble: why }
  }

  #say({ group, path }: CredentialName, what: string): void {
    this.#world.logs.say('error', { group }, `auth: "${path}": ${what}`)
  }
}

/** Routers face the network: they cannot have any file read. */
function isNamedBy({ applications }: GroupPlan, { kind, path }: CredentialName): boolean {
  return applications.some(
    ({ auth }) => auth !== null && credentialSources(auth).some((each) => each.kind === kind && each.path === path),
  )
}

/** Equal as long as it is the same file, unchanged, with the same owner and mode. */
async function identityOf(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join('-')
  } catch (error) {
    return errnoOf(error)
  }
}
