// Asks the machine once for everything that a plan needs: accounts, groups, owners and modes, this process.
import type { Configuration } from '../config/configuration.ts'
import { credentialKey, isNumber, type Account, type AccountGroup, type Facts, type PathFacts } from '../plan/facts.ts'
import { directApplications } from '../plan/directed-applications.ts'
import { questionsOf, type Questions } from '../plan/questions.ts'
import { gid, uid, type Gid } from '../units.ts'
import { lookUpAccounts, lookUpGroups, lookUpMemberships } from './accounts.ts'
import { readCertificates } from './certificates.ts'
import { credentialSources } from '../plan/authentication.ts'
import { resolveIdentity } from '../plan/identity.ts'
import { readCredentialFile } from './credential-files.ts'
import { readEnvironmentFiles } from './environment-files.ts'
import { pathWalker } from './walk-path.ts'

type Self = Pick<Facts, 'process' | 'directories'>

/**
 * Gathers the facts for a configuration: two rounds of look-ups, since only files and accounts tell which owners and groups there are.
 *
 * @throws when the account databases cannot be asked at all
 */
export async function gatherFacts(configuration: Configuration): Promise<Facts> {
  const self = describeSelf()
  const asked = questionsOf(configuration, self)
  const walk = pathWalker()
  const [accounts, groups, memberships, paths] = await Promise.all([
    lookUpAccounts(asked.users),
    lookUpGroups(asked.groups),
    lookUpMemberships(asked.users.filter((user) => !isNumber(user))),
    walkAll(asked.paths, walk),
  ])
  const chrootPaths = await walkChroots(asked.chrootPaths, walk)
  const seen = [paths, ...chrootPaths.values()].flatMap((ways) => [...ways.values()])
  const more = await lookUpOwners({ asked, accounts, groups, memberships, ways: seen })
  const facts: Facts = {
    ...self,
    ...indexAccounts([...accounts, ...more.accounts]),
    ...indexGroups([...groups, ...more.groups]),
    memberships: new Map([...memberships, ...more.memberships]),
    paths,
    chrootPaths,
    certificates: await readCertificates(asked.certificates),
    environmentFiles: await readEnvironmentFiles(asked.environmentFiles),
    credentialFiles: new Map(),
  }
  return { ...facts, credentialFiles: await readCredentialFiles(configuration, facts, walk) }
}

/** The files of users and groups, each as the user of the group that serves could read it: whose that is, the facts so far tell. */
async function readCredentialFiles(
  configuration: Configuration,
  facts: Facts,
  walk: Walk,
): Promise<Facts['credentialFiles']> {
  const { groups } = directApplications(configuration)
  const read = groups.flatMap((group) => {
    const identity = resolveIdentity(group, facts)
    if (!identity.ok) return []
    const reader = facts.process.uid === 0 ? identity.value : null
    const sources = group.applications.flatMap(({ auth }) => (auth === null ? [] : credentialSources(auth)))
    return sources.map(
      async ({ path }) => [credentialKey(group.name, path), await readCredentialFile(path, reader, walk)] as const,
    )
  })
  return new Map(await Promise.all(read))
}

type Walk = ReturnType<typeof pathWalker>

async function walkAll(paths: readonly string[], walk: (path: string) => Promise<PathFacts>) {
  return new Map(await Promise.all(paths.map(async (path) => [path, await walk(path)] as const)))
}

async function walkChroots(asked: Questions['chrootPaths'], walk: Walk): Promise<Facts['chrootPaths']> {
  const walked = [...asked].map(
    async ([root, paths]) => [root, await walkAll(paths, (path) => walk(path, root))] as const,
  )
  return new Map(await Promise.all(walked))
}

function describeSelf(): Self {
  const { getuid, getgid, getgroups, env } = process
  if (!getuid || !getgid || !getgroups) throw new Error('this system has no user ids; wsgid runs on Linux')
  return {
    process: { uid: uid(getuid()), gid: gid(getgid()), groups: getgroups().map(gid) },
    directories: { runtime: env['XDG_RUNTIME_DIR'], state: env['XDG_STATE_HOME'], home: env['HOME'] },
  }
}

type FirstRound = Readonly<{
  asked: Questions
  accounts: readonly Account[]
  groups: readonly AccountGroup[]
  memberships: ReadonlyMap<string, readonly Gid[]>
  ways: readonly PathFacts[]
}>

/** The owners of files and the primary groups of accounts that are still without a name, and have not been asked for. */
async function lookUpOwners({ asked, accounts, groups, memberships, ways }: FirstRound) {
  const steps = ways.flatMap((way) => way.steps)
  const [owners, owningGroups, moreMemberships] = await Promise.all([
    lookUpAccounts(
      unknown(
        steps.map((step) => step.uid),
        [...accounts.map((account) => account.uid), ...numbersAmong(asked.users)],
      ),
    ),
    lookUpGroups(
      unknown(
        [...steps, ...accounts].map((owned) => owned.gid),
        [...groups.map((group) => group.gid), ...numbersAmong(asked.groups)],
      ),
    ),
    lookUpMemberships(accounts.map(({ name }) => name).filter((name) => !memberships.has(name))),
  ])
  return { accounts: owners, groups: owningGroups, memberships: moreMemberships }
}

const numbersAmong = (keys: readonly string[]): readonly number[] => keys.filter(isNumber).map(Number)

function unknown(ids: readonly number[], known: readonly number[]): readonly string[] {
  const named = new Set(known)
  return [...new Set(ids.filter((id) => !named.has(id)))].map(String)
}

function indexAccounts(accounts: readonly Account[]): Pick<Facts, 'accountsByName' | 'accountsByUid'> {
  return {
    accountsByName: firstBy(accounts, ({ name }) => name),
    accountsByUid: firstBy(accounts, (account) => account.uid),
  }
}

function indexGroups(groups: readonly AccountGroup[]): Pick<Facts, 'groupsByName' | 'groupsByGid'> {
  return { groupsByName: firstBy(groups, ({ name }) => name), groupsByGid: firstBy(groups, (group) => group.gid) }
}

// Two accounts may share a uid; the first one names it, as in the databases themselves.
function firstBy<Key, Value>(values: readonly Value[], keyOf: (value: Value) => Key): ReadonlyMap<Key, Value> {
  return new Map([...values].reverse().map((value) => [keyOf(value), value]))
}
