// The run directory: who may enter what, and that nothing of a former supervisor is left in it.
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerPlan } from '../plan/plan.ts'
import { bindPath, type BoundSocket } from '../launch/sockets.ts'
import { claimPidFile, type Claim } from './pid-file.ts'

/** Names inside a run-dir. */
export const pidFileIn = (runDir: string): string => join(runDir, 'wsgid.pid')
export const controlSocketIn = (runDir: string): string => join(runDir, 'control.sock')
export const workerProgramIn = (runDir: string): string => join(runDir, 'lib', 'worker')
const groupsIn = (runDir: string): string => join(runDir, 'groups')

/** One of a group's sockets. */
export type Slot = Readonly<{ path: string; socket: BoundSocket }>

/**
 * Creates the run-dir if needed and claims it.
 *
 * @throws Error when it cannot be created or is another account's
 */
export function claimRunDir(runDir: string, flock: string): Claim {
  mkdirSync(runDir, { recursive: true })
  return claimPidFile(pidFileIn(runDir), flock)
}

/**
 * Clears away what a dead supervisor left and lays out the directories; only for the holder of the claim.
 *
 * The worker's code is copied here because the package may stand where a tenant cannot read, and so that an upgrade of the package under a
 * running server does not mix versions.
 */
export function layOutRunDir({ runDir, privileged }: ServerPlan, workerDirectory: string): void {
  clearRunDir(runDir)
  chmodSync(runDir, privileged ? 0o755 : 0o700)
  mkdirSync(groupsIn(runDir))
  chmodSync(groupsIn(runDir), privileged ? 0o711 : 0o700)
  const program = workerProgramIn(runDir)
  cpSync(workerDirectory, program, { recursive: true, filter: (path) => !path.endsWith('__pycache__') })
  openForReading(join(runDir, 'lib'))
}

/** Removes everything that layOutRunDir and the sockets made; the pid file stays. */
export function clearRunDir(runDir: string): void {
  rmSync(groupsIn(runDir), { recursive: true, force: true })
  rmSync(join(runDir, 'lib'), { recursive: true, force: true })
  rmSync(controlSocketIn(runDir), { force: true })
}

/**
 * Binds the sockets of a group, one more than it has processes. Only the routers can connect: the directory is theirs to enter, the
 * sockets are theirs to write.
 */
export function bindSlots(plan: ServerPlan, group: { name: string; processes: number }): readonly Slot[] {
  const directory = join(groupsIn(plan.runDir), group.name)
  mkdirSync(directory)
  grant(plan, directory, { privileged: 0o710, otherwise: 0o700 })
  return Array.from({ length: group.processes + 1 }, (_, number) => {
    const path = join(directory, `${String(number).padStart(2, '0')}.sock`)
    const socket = bindPath(path)
    grant(plan, path, { privileged: 0o660, otherwise: 0o600 })
    return { path, socket }
  })
}

function grant(plan: ServerPlan, path: string, mode: { privileged: number; otherwise: number }): void {
  if (plan.privileged) chownSync(path, 0, plan.routerIdentity.gid)
  chmodSync(path, plan.privileged ? mode.privileged : mode.otherwise)
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
