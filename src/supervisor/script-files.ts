// The script files of a group: which they are now, and whether their owners may have code run as this group's user.
import { realpathSync, statSync, type BigIntStats } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ApplicationPlan, GroupPlan } from '../plan/plan.ts'
import { isBelow } from '../plan/script-directories.ts'

type Scripts = Readonly<{ applications: readonly Pick<ApplicationPlan, 'entry'>[] }> &
  Pick<GroupPlan, 'chroot' | 'preloadScripts'>

/**
 * A text that is equal as long as every script of a group is the same file with the same time of change and size. A script that cannot
 * be looked at counts as one more state.
 */
export function identityOfScripts(plan: Scripts): string {
  return scriptsOf(plan)
    .map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false, bigint: true })
      return stats === undefined ? 'missing' : `${stats.mtimeNs}-${stats.ino}-${stats.size}`
    })
    .join(' ')
}

/**
 * Says why a script must not be run: where it stands (script-directories), or whose it is (script-user and script-group, as mod_wsgi has them).
 * Its directory counts too: who may write there may put another script in its place.
 *
 * @returns null when nothing speaks against any script
 */
export function forbiddenScript(
  plan: Scripts & Pick<GroupPlan, 'scriptUser' | 'scriptGroup' | 'scriptDirectories'>,
): string | null {
  const foreign = foreignScript(plan)
  if (foreign !== null) return foreign
  if (plan.scriptUser === null && plan.scriptGroup === null) return null
  const paths = scriptsOf(plan).flatMap((path) => [path, dirname(path)])
  return paths.map((path) => objection(path, plan)).find((reason) => reason !== null) ?? null
}

// In a chroot only a process in there sees where a link leads: the worker looks before it loads.
function foreignScript(plan: Scripts & Pick<GroupPlan, 'scriptDirectories'>): string | null {
  const { scriptDirectories, chroot } = plan
  if (scriptDirectories === null || chroot !== null) return null
  const foreign = scriptsOf(plan).find((path) => !isBelow(realPathOf(path), scriptDirectories))
  return foreign === undefined ? null : `${foreign} stands in none of the script-directories: ${realPathOf(foreign)}`
}

/** A path that leads nowhere is in no directory; that it is missing is said when it is loaded. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function objection(path: string, plan: Pick<GroupPlan, 'scriptUser' | 'scriptGroup'>): string | null {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true })
  if (stats === undefined) return `${path} does not exist`
  const { scriptUser, scriptGroup } = plan
  if (scriptUser !== null && Number(stats.uid) !== scriptUser)
    return `${path} belongs to uid ${stats.uid}, script-user is ${scriptUser}`
  if (scriptGroup !== null && Number(stats.gid) !== scriptGroup)
    return `${path} belongs to gid ${stats.gid}, script-group is ${scriptGroup}`
  if (isWritable(stats, 0o002n)) return `${path} is writable by everybody`
  if (scriptUser !== null && isWritable(stats, 0o020n)) return `${path} is writable by its group`
  return null
}

const isWritable = ({ mode }: BigIntStats, bits: bigint): boolean => (mode & bits) !== 0n

/** As the supervisor sees them. */
function scriptsOf({ applications, preloadScripts, chroot }: Scripts): readonly string[] {
  const loaded = applications.flatMap(({ entry }) => (entry.kind === 'script' ? [entry.path] : []))
  const paths = [...preloadScripts, ...loaded]
  return [...new Set(paths)].map((path) => (chroot === null ? path : join(chroot, path)))
}
