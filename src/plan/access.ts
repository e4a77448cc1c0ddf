// What the permission bits of a file let somebody do, as path_resolution(7) and inode(7) tell it. ACLs are not seen: their mask
// shows as the group's bits.
import type { PathFacts, PathStep } from './facts.ts'
import type { Identity } from './plan.ts'

const bits = { read: 4, write: 2, execute: 1 } as const

/** Searching a directory is `execute`. */
export type Wish = keyof typeof bits

/** Whether the bits let this identity do that: the first class that fits decides, owner before group before others. They bind nobody with uid 0. */
export function allows({ uid, gid, mode }: PathStep, identity: Identity, wish: Wish): boolean {
  if (identity.uid === 0) return true
  const shift = uid === identity.uid ? 6 : identity.groups.includes(gid) ? 3 : 0
  return ((mode >> shift) & bits[wish]) !== 0
}

/** The first directory on the way, or the target, that keeps this identity out; undefined when it gets through. */
export function barrier(
  { steps, target }: PathFacts & { found: true },
  identity: Identity,
  wish: Wish,
): PathStep | undefined {
  const shut = steps.find((step) => step.kind === 'directory' && !allows(step, identity, 'execute'))
  return shut ?? (allows(target, identity, wish) ? undefined : target)
}

export const isWritableByGroup = ({ mode }: PathStep): boolean => (mode & 0o020) !== 0
export const isReadableByOthers = ({ mode }: PathStep): boolean => (mode & 0o004) !== 0
export const isWritableByOthers = ({ mode }: PathStep): boolean => (mode & 0o002) !== 0

/** Entries of a sticky directory can be renamed or removed by their owner and the directory's owner only. */
export const isSticky = ({ kind, mode }: PathStep): boolean => kind === 'directory' && (mode & 0o1000) !== 0
