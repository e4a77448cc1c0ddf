// How a router stops being root. It starts as root (without new privileges, and with no capability but those to change identity),
// because Node and dist/ may stand where only root can read; see docs/decisions/.
import type { Identity } from '../plan/plan.ts'

/**
 * Takes an identity for good. The kernel clears all capabilities when the last uid stops being 0 (capabilities(7), "Effect of user ID changes").
 * @throws when any of it did not happen: a router must not go on as root
 */
export function takeIdentity(identity: Identity): void {
  process.setgroups?.([...identity.groups])
  process.setgid?.(identity.gid)
  process.setuid?.(identity.uid)
  if (process.geteuid?.() !== identity.uid || process.getegid?.() !== identity.gid) {
    throw new Error(`could not become uid ${identity.uid}, gid ${identity.gid}`)
  }
}
