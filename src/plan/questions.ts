// What a configuration makes the plan ask of the machine: names to look up, paths to look at. Facts are gathered from it.
import type { Configuration } from '../config/configuration.ts'
import { resolveDirectories } from './directories.ts'
import type { Facts } from './facts.ts'
import { defaultUser } from './identity.ts'
import { routerAccounts, spareIds } from './router-identity.ts'

export type Questions = Readonly<{
  /** Account names and uids in digits. */
  users: readonly string[]
  /** Group names and gids in digits. */
  groups: readonly string[]
  /** Absolute. */
  paths: readonly string[]
}>

/** Everything that `makePlan` may look up for this configuration; each once. */
export function questionsOf(configuration: Configuration, self: Pick<Facts, 'process' | 'directories'>): Questions {
  const { server, groups } = configuration
  const { runDir, logDir } = resolveDirectories(server, self)
  const spare = spareIds.map(String)
  const forRoot = self.process.uid === 0 ? [defaultUser, ...routerAccounts, ...spare] : []
  return {
    users: unique([String(self.process.uid), ...forRoot, server.user, ...groups.map(({ user }) => user)]),
    groups: unique([
      ...[self.process.gid, ...self.process.groups].map(String),
      ...(self.process.uid === 0 ? spare : []),
      ...groups.flatMap(({ group, supplementaryGroups = [] }) => [group, ...supplementaryGroups]),
    ]),
    paths: unique([
      ...[server, ...groups].map(({ path }) => path),
      runDir,
      logDir === '-' ? undefined : logDir,
      ...groups.flatMap(({ python, home, applications }) => [
        python,
        home,
        ...applications.map(({ entry }) => (entry.kind === 'script' ? entry.path : undefined)),
      ]),
    ]),
  }
}

function unique(values: readonly (string | null | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null && value !== undefined))]
}
