// Everything a supervisor owns besides its children: run-dir, pid file, logs, listeners, slots. Taken in order, given back in reverse.
import { findTool, findTools } from '../launch/tools.ts'
import type { Tools } from '../launch/argv.ts'
import { Logs } from '../observe/logs.ts'
import type { ServerPlan } from '../plan/plan.ts'
import { bindListeners, closeListeners, type Listener } from './listeners.ts'
import { bindSlots, claimRunDir, clearRunDir, layOutRunDir, type Slot } from './run-dir.ts'

export type Provisions = Readonly<{
  tools: Tools
  logs: Logs
  listeners: readonly Listener[]
  /** The sockets of each group, by its name. */
  slots: ReadonlyMap<string, readonly Slot[]>
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
    const logs = new Logs(plan.logDir)
    giveBack.push(() => logs.close())
    layOutRunDir(plan, workerDirectory)
    giveBack.push(() => clearRunDir(plan.runDir))
    const listeners = await bindListeners(plan.listeners, claim.formerDied)
    giveBack.push(() => closeListeners(listeners))
    const slots = new Map(plan.groups.map((group) => [group.name, bindSlots(plan, group)]))
    giveBack.push(() => closeSlots(slots))
    return { tools, logs, listeners, slots, release }
  } catch (error) {
    await release()
    throw error
  }
}

function closeSlots(slots: ReadonlyMap<string, readonly Slot[]>): void {
  for (const { socket } of [...slots.values()].flat()) socket.close()
}
