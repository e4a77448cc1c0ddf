// Whether wsgid, which as root can read everything, may read a file of users or groups for a tenant. Pure.
//
// The file lies where the tenant may replace it: by a link to /etc/shadow, or to the passwords of another tenant, which logins would then be
// tried against. So it must be a file that the group's user could read, or one that no tenant has a hand in.
import { barrier, isSticky, isWritableByGroup, isWritableByOthers } from './access.ts'
import type { PathFacts, PathStep } from './facts.ts'
import type { Identity } from './plan.ts'

/**
 * @param asked the way that the configuration names
 * @param real  the way to the file that was opened, which is no longer to be exchanged
 */
export function mayReadFor(identity: Identity, asked: PathFacts, real: PathFacts): boolean {
  if (!asked.found || !real.found) return false
  return isRootsAlone(asked) || barrier(real, identity, 'read') === undefined
}

/** Nobody but root decides what is at this path. */
export const isRootsAlone = ({ steps }: PathFacts): boolean => steps.every(belongsToRootAlone)

// In a sticky directory such as /tmp nobody else can replace what belongs to root, and the next step must.
function belongsToRootAlone(step: PathStep): boolean {
  if (step.uid !== 0) return false
  return step.kind === 'link' || isSticky(step) || !(isWritableByGroup(step) || isWritableByOthers(step))
}
