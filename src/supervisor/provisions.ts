// Everything a supervisor owns besides its children: run-dir, pid file, logs, listeners, slots. Taken in order, given back in reverse.
import { findTool, findTools } from '../launch/tools.ts'
import type { Tools } from '../launch/argv.ts'
import { Logs } from '../observe/logs.ts'
import type { GroupPlan, ServerPlan } from '../plan/plan.ts'
import { copyIntoChroot, removeFromChroot } from '../launch/program-copy.ts'
import { AdminListener } from './admin-listener.ts'
import { Listeners } from './listeners.ts'
import { claimRunDir, clearRunDir, layOutRunDir, workerProgramIn } from './run-dir.ts'
import { Slots } from './slots.ts'

export type Provisions = Readonly<{
  tools: Tools
  logs: Logs
  listeners: Listeners
  admin: AdminListener
  /**
   * Puts the worker's code into a group's chroot, if it has one.
   *
   * @throws Error when that cannot be done
   */
  furnish: (group: GroupPlan) => void
  /**
   * Makes the sockets of a group.
   *
   * @throws Error when they cannot be had
   */
  makeSlots: (group: GroupPlan) => Slots
  /** Gives everything back; the run-dir is free for another supervisor then. */
  release: () => Promise<void>
}>

/** Another supervisor has the run-dir; `pid` is null when it is just starting or ending. */
export class AlreadyRunningError extends Error {
  readonly pid: number | null

  constructor(runDir: string, pid: number | null) {
    super(
      `already running${pid === null ? '' : ` as process ${pid}`}: ${runDir} is its run-dir; end it with wsgid stop`,
    )
    this.pid = pid
  }
}

/**
 * Takes what a plan needs.
 *
 * @param workerDirectory the Python side as the package has it
 * @throws AlreadyRunningError, or Error with what could not be had; nothing is left behind then
 */
export async function takeProvisions(plan: ServerPlan, workerDirectory: string): Promise<Provisions> {
  const giveBack: (() => void | Promise<void>)[] = []
  const release = async (): Promise<void> => {
    for (const give of giveBack.splice(0).reverse()) await give()
  }
  try {
    const tools = findTools()
    const claim = claimRunDir(plan.runDir, findTool('flock', 'util-linux'))
    if (!claim.ok) throw new AlreadyRunningError(plan.runDir, claim.pid)
    giveBack.push(claim.release)
    const logs = new Logs(plan.logDir, plan.logRotation)
    giveBack.push(() => logs.close())
    layOutRunDir(plan, workerDirectory)
    giveBack.push(() => clearRunDir(plan.runDir))
    const chroots = new Chroots(plan.runDir)
    giveBack.push(() => chroots.clear())
    const listeners = new Listeners()
    await listeners.bind(plan.listeners, claim.formerDied)
    giveBack.push(() => listeners.close())
    const admin = new AdminListener((error) => logs.say('error', { pid: process.pid }, `admin: ${error.message}`))
    giveBack.push(() => admin.close())
    const opening = await admin.prepare(plan.admin)
    opening.commit()
    return {
      ...{ tools, logs, listeners, admin, release },
      furnish: ({ chroot }) => chroots.furnish(chroot),
      // A thousand idle groups hold no descriptors: those of on-demand groups are bound for the first worker.
      makeSlots: ({ name, start, maximumProcesses }) =>
        new Slots(plan, name, start === 'on-demand' ? 0 : maximumProcesses + 1),
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** The chroots that have the worker's code. */
class Chroots {
  readonly #runDir: string
  readonly #furnished = new Set<string>()

  constructor(runDir: string) {
    this.#runDir = runDir
  }

  furnish(chroot: string | null): void {
    if (chroot === null || this.#furnished.has(chroot)) return
    copyIntoChroot(chroot, { runDir: this.#runDir, source: workerProgramIn(this.#runDir) })
    this.#furnished.add(chroot)
  }

  clear(): void {
    for (const chroot of this.#furnished) removeFromChroot(chroot, this.#runDir)
  }
}
