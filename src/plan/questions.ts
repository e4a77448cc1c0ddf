// What a configuration makes the plan ask of the machine: names to look up, paths to look at. Facts are gathered from it.
import type { Configuration } from '../config/configuration.ts'
import type { CertificatePaths } from '../config/listener-configuration.ts'
import { resolveDirectories } from './directories.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { isNumber, type Facts } from './facts.ts'
import { credentialSources } from './authentication.ts'
import { neededInChroot } from './chroot.ts'
import { defaultUser } from './identity.ts'
import { directApplications } from './directed-applications.ts'
import { interpreterCandidates } from './interpreter.ts'
import { hasReferences } from './references.ts'
import { routerAccounts, spareIds } from './router-identity.ts'

export type Questions = Readonly<{
  /** Account names and uids in digits. */
  users: readonly string[]
  /** Group names and gids in digits. */
  groups: readonly string[]
  /** Absolute. */
  paths: readonly string[]
  /** By root directory, absolute paths inside of it. */
  chrootPaths: ReadonlyMap<string, readonly string[]>
  /** Absolute paths of files to read. */
  environmentFiles: readonly string[]
  /** Absolute paths of pairs of files to read. */
  certificates: readonly CertificatePaths[]
}>

/** Everything that `makePlan` may look up for this configuration; each once. */
export function questionsOf(configuration: Configuration, self: Pick<Facts, 'process' | 'directories'>): Questions {
  const { server, groups } = directApplications(configuration)
  const { runDir, logDir } = resolveDirectories(server, self)
  const certificates = server.listeners.flatMap((listener) => listener.certificates)
  const spare = spareIds.map(String)
  const forRoot = self.process.uid === 0 ? [defaultUser, ...routerAccounts, ...spare] : []
  return {
    users: unique([
      String(self.process.uid),
      ...forRoot,
      server.user,
      ...groups.flatMap(({ user, scriptUser }) => [user, scriptUser]),
    ]),
    groups: unique([
      ...[self.process.gid, ...self.process.groups].map(String),
      ...(self.process.uid === 0 ? spare : []),
      server.admin?.group,
      ...groups.flatMap(({ user, group, supplementaryGroups = [], scriptGroup }) => [
        // The group of a uid without an account, if nobody else has it.
        group ?? (user !== undefined && isNumber(user) ? user : undefined),
        ...supplementaryGroups,
        scriptGroup,
      ]),
    ]),
    paths: unique([
      ...[server, ...groups].map(({ path }) => path),
      ...groups.map(({ foundIn }) => foundIn),
      ...(server.scriptDirectories ?? []),
      runDir,
      logDir === '-' ? undefined : logDir,
      ...groups.flatMap(({ chroot, envFile }) => [chroot, envFile]),
      ...certificates.flatMap(({ certificate, key }) => [certificate, key]),
      ...groups.flatMap(pathsOfRouters),
      ...groups.filter(({ chroot }) => chroot === null).flatMap(pathsOfWorkers),
    ]),
    chrootPaths: chrootQuestions(groups),
    environmentFiles: unique(groups.map(({ envFile }) => envFile)),
    certificates,
  }
}

/** The paths that the workers of a group themselves open. */
function pathsOfWorkers(group: GroupConfiguration): readonly string[] {
  const { home, pythonPath, pythonEggs, preloadScripts, applications } = group
  return unique([
    ...interpreterCandidates(group),
    home,
    ...pythonPath,
    pythonEggs,
    ...preloadScripts,
    ...applications.map(({ entry }) =>
      entry.kind === 'script' && !hasReferences(entry.path) ? entry.path : undefined,
    ),
  ])
}

/** The paths that the routers serve, or check passwords by. */
function pathsOfRouters({ applications }: GroupConfiguration): readonly string[] {
  return applications.flatMap(({ auth, static: directories }) => [
    ...(auth === null ? [] : credentialSources(auth).map(({ path }) => path)),
    ...directories.map(({ directory }) => directory),
  ])
}

function chrootQuestions(groups: readonly GroupConfiguration[]): Questions['chrootPaths'] {
  const asked = new Map<string, readonly string[]>()
  for (const group of groups) {
    if (group.chroot === null) continue
    asked.set(group.chroot, unique([...(asked.get(group.chroot) ?? []), ...pathsOfWorkers(group), ...neededInChroot]))
  }
  return asked
}

function unique(values: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null && value !== undefined))]
}
