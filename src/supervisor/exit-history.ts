// Why the last workers of a group ended, for status. Bounded.
import type { ExitReason } from '../lifecycle/exit-reason.ts'

/** The end of a worker; `pid` is the template process's when it was never forked. */
export type WorkerExit = Readonly<{
  pid: number
  reason: ExitReason
  code: number | null
  signal: string | null
  at: Date
}>

/** How many ends a group remembers. */
const rememberedExits = 10

export class ExitHistory {
  /** The last one last. */
  readonly exits: WorkerExit[] = []
  /** Workers that ended for any reason but `stop`. */
  restarts = 0
  /** All ends, by reason. */
  readonly byReason = new Map<ExitReason, number>()

  note(exit: WorkerExit): void {
    this.byReason.set(exit.reason, (this.byReason.get(exit.reason) ?? 0) + 1)
    if (exit.reason !== 'stop') this.restarts += 1
    this.exits.push(exit)
    if (this.exits.length > rememberedExits) this.exits.shift()
  }
}
