// The script files of a group: which they are now, and whether their owners may have code run as this group's user.
import { statSync, type BigIntStats } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ApplicationPlan, GroupPlan } from '../plan/plan.ts'

type Scripts = Readonly<{ applications: readonly Pick<ApplicationPlan, 'entry'>[] }> & Pick<GroupPlan, 'chroot'>

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
 * Says why a script must not be run: script-user and script-group, as mod_wsgi has them. Its directory counts too: who may write there may
 * put another script in its place.
 *
 * @returns null when nothing speaks against any script
 */
export function forbiddenScript(plan: Scripts & Pick<GroupPlan, 'scriptUser' | 'scriptGroup'>): string | null {
  if (plan.scriptUser === null && plan.scriptGroup === null) return null
  const paths = scriptsOf(plan).flatMap((path) => [path, dirname(path)])
  return paths.map((path) => objection(path, plan)).find((reason) => reason !== null) ?? null
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
function scriptsOf({ applications, chroot }: Scripts): readonly string[] {
  const paths = applications.flatMap(({ entry }) => (entry.kind === 'script' ? [entry.path] : []))
  return [...new Set(paths)].map((path) => (chroot === null ? path : join(chroot, path)))
}
