// The run directory: who may enter what, and that nothing of a former supervisor is left in it.
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { ServerPlan } from '../plan/plan.ts'
import { copyProgram } from '../launch/program-copy.ts'
import { claimPidFile, type Claim } from './pid-file.ts'

/** What does not change while a supervisor runs. */
export type RunDirPlan = Pick<ServerPlan, 'runDir' | 'privileged' | 'routerIdentity'>

/** Names inside a run-dir. */
export const pidFileIn = (runDir: string): string => join(runDir, 'wsgid.pid')
export const controlSocketIn = (runDir: string): string => join(runDir, 'control.sock')
export const workerProgramIn = (runDir: string): string => join(runDir, 'lib', 'worker')
const groupsIn = (runDir: string): string => join(runDir, 'groups')
/** What routers read of a group's workers. */
export const scoreboardIn = (runDir: string, group: string): string => join(sharedIn(runDir), group)
const sharedIn = (runDir: string): string => join(runDir, 'shared')

/**
 * Where files stand that tenants have open for writing: not in the run-dir, which a tenant must not be able to fill, but where every account
 * of the system can write by itself.
 */
const everybodys = ['/dev/shm', '/tmp']

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
export function layOutRunDir(plan: ServerPlan, workerDirectory: string): void {
  const { runDir, privileged } = plan
  clearRunDir(runDir)
  chmodSync(runDir, privileged ? 0o755 : 0o700)
  mkdirSync(groupsIn(runDir))
  chmodSync(groupsIn(runDir), privileged ? 0o711 : 0o700)
  copyProgram(workerDirectory, workerProgramIn(runDir))
  chmodSync(join(runDir, 'lib'), 0o755)
  makeSharedDirectory(plan)
}

/** Removes everything that layOutRunDir and the sockets made; the pid file stays. */
export function clearRunDir(runDir: string): void {
  rmSync(groupsIn(runDir), { recursive: true, force: true })
  rmSync(join(runDir, 'lib'), { recursive: true, force: true })
  rmSync(controlSocketIn(runDir), { force: true })
  removeSharedDirectory(sharedIn(runDir))
}

/** With what it leads to only if that is ours: since a reboot the name may be somebody else's, and a link of another kind the administrator's. */
function removeSharedDirectory(link: string): void {
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true
  if (!isLink) return
  const target = readlinkSync(link)
  const found = lstatSync(target, { throwIfNoEntry: false })
  const isOurs = found?.isDirectory() === true && found.uid === process.getuid?.()
  const isNamedByUs = everybodys.includes(dirname(target)) && basename(target).startsWith('wsgid-')
  if (isOurs && isNamedByUs) rmSync(target, { recursive: true })
  rmSync(link)
}

/** A directory of a name that nobody can have taken before; the run-dir has a link to it, so that it is found again. */
function makeSharedDirectory(plan: RunDirPlan): void {
  const parent = everybodys.find((path) => existsSync(path))
  if (parent === undefined) throw new Error(`neither of ${everybodys.join(' and ')} exists: scoreboards have no place`)
  const directory = mkdtempSync(join(parent, 'wsgid-'))
  grant(plan, directory, { privileged: 0o710, otherwise: 0o700 })
  symlinkSync(directory, sharedIn(plan.runDir))
}

/** The directory of a group's sockets. Only the routers can enter it. */
export function makeGroupDirectory(plan: RunDirPlan, group: string): string {
  const directory = join(groupsIn(plan.runDir), group)
  mkdirSync(directory)
  grant(plan, directory, { privileged: 0o710, otherwise: 0o700 })
  return directory
}

/** Lets the routers connect to a socket. */
export const grantSocket = (plan: RunDirPlan, path: string): void =>
  grant(plan, path, { privileged: 0o660, otherwise: 0o600 })

/** Lets the routers read what workers write. */
export const grantScoreboard = (plan: RunDirPlan, path: string): void =>
  grant(plan, path, { privileged: 0o640, otherwise: 0o600 })

function grant(plan: RunDirPlan, path: string, mode: { privileged: number; otherwise: number }): void {
  if (plan.privileged) chownSync(path, 0, plan.routerIdentity.gid)
  chmodSync(path, plan.privileged ? mode.privileged : mode.otherwise)
}
