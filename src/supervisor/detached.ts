// The program of a supervisor in the background: gets its plan from `wsgid start` over the IPC channel, reports how the start went, lets go.
import type { DetachedMessage, DetachedOrder } from './launch-detached.ts'
import { startSupervisor, type GroupUp } from './main.ts'

process.title = 'wsgid: supervisor'

process.once('message', (order: DetachedOrder) => void obey(order))
// Without an order there is nothing to do: the command was ended before it gave one.
process.once('disconnect', () => process.exit(1))

async function obey({ plan, installation }: DetachedOrder): Promise<void> {
  process.removeAllListeners('disconnect')
  try {
    const groupUp = (group: GroupUp): void => tell({ type: 'group-up', group })
    const supervisor = await startSupervisor(plan, installation, { groupUp })
    tellLast({ type: 'started', report: await supervisor.started })
    await supervisor.ended
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    tellLast({ type: 'started', report: { failure, listen: [], groups: [] } })
    process.exitCode = 1
  }
}

/** The command may have been interrupted meanwhile; the server stays. */
function tell(message: DetachedMessage): void {
  // An error is one of a channel that has just been closed.
  if (process.connected) process.send?.(message, () => undefined)
}

/** Lets go of the command. */
function tellLast(message: DetachedMessage): void {
  if (!process.connected) return
  process.send?.(message, () => {
    if (process.connected) process.disconnect()
  })
}
