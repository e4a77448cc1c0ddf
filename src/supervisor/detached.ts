// The program of a supervisor in the background: gets its plan from `wsgid start` over the IPC channel, reports how the start went, lets go.
import type { DetachedOrder, DetachedReport } from './launch-detached.ts'
import { startSupervisor } from './main.ts'

process.title = 'wsgid: supervisor'

process.once('message', (order: DetachedOrder) => void obey(order))
// Without an order there is nothing to do: the command was ended before it gave one.
process.once('disconnect', () => process.exit(1))

async function obey({ plan, installation }: DetachedOrder): Promise<void> {
  process.removeAllListeners('disconnect')
  try {
    const supervisor = await startSupervisor(plan, installation)
    tell(await supervisor.started)
    await supervisor.ended
  } catch (error) {
    tell({ failure: error instanceof Error ? error.message : String(error), listen: [], groups: [] })
    process.exitCode = 1
  }
}

/** The command may have been interrupted meanwhile; the server stays. */
function tell(report: DetachedReport): void {
  if (!process.connected) return
  process.send?.(report, () => {
    if (process.connected) process.disconnect()
  })
}
