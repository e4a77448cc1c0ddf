// The worker's Python code where tenants can read it and only root can write it: in the run-dir, and in each chroot.
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The code's path as a worker in a chroot sees it: directly below the root, which the plan has found to be root's alone to write, so nobody can
 * put a link in its place. Two servers that share a chroot have two copies.
 */
export function programInChroot(runDir: string): string {
  return `${directoryInChroot(runDir)}/worker`
}

function directoryInChroot(runDir: string): string {
  return `/.wsgid-${createHash('sha256').update(runDir).digest('hex').slice(0, 12)}`
}

/**
 * Puts the worker's code into a chroot; a copy that a dead supervisor left is replaced.
 *
 * @param source the code as the package, or the run-dir, has it
 * @throws Error when the chroot cannot be written to, or is not root's alone any more
 */
export function copyIntoChroot(chroot: string, { runDir, source }: Readonly<{ runDir: string; source: string }>): void {
  const { uid, mode } = lstatSync(chroot)
  if (uid !== 0 || (mode & 0o022) !== 0)
    throw new Error(`chroot ${chroot} is not root's alone to write any more; chown it to root and chmod go-w it`)
  removeFromChroot(chroot, runDir)
  copyProgram(source, join(chroot, programInChroot(runDir)))
  chmodSync(join(chroot, directoryInChroot(runDir)), 0o755)
}

/** Removes what `copyIntoChroot` made; nothing happens when it is not there. */
export function removeFromChroot(chroot: string, runDir: string): void {
  rmSync(join(chroot, directoryInChroot(runDir)), { recursive: true, force: true })
}

/** Copies the code, for everyone to read, without caches of compiled code. */
export function copyProgram(source: string, target: string): void {
  cpSync(source, target, { recursive: true, filter: (path) => !path.endsWith('__pycache__') })
  openForReading(target)
}

/** cp keeps the modes of the source, which may be anything. */
function openForReading(directory: string): void {
  chmodSync(directory, 0o755)
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) openForReading(path)
    else chmodSync(path, 0o644)
  }
}
