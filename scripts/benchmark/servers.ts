// The servers of a run: each started when it is first needed, all stopped at its end.
import type { Server } from '../servers/server.ts'
import type { Row } from './rows.ts'
import type { Site, Workspace } from './workspace.ts'

export class Servers {
  readonly #workspace: Workspace
  readonly #signal: AbortSignal
  readonly #running = new Map<string, Promise<Server>>()

  constructor(workspace: Workspace, signal: AbortSignal) {
    this.#workspace = workspace
    this.#signal = signal
  }

  /** The one server of that row with that site; one that did not start is not tried again. */
  running(row: Row, site: Site): Promise<Server> {
    const key = `${row.name} ${site.name}`
    const server = this.#running.get(key) ?? this.fresh(row, site)
    this.#running.set(key, server)
    return server
  }

  /** Another one, which the caller stops. */
  fresh(row: Row, site: Site): Promise<Server> {
    return row.start({ workspace: this.#workspace, site, signal: this.#signal })
  }

  async stop(): Promise<void> {
    const started = await Promise.allSettled(this.#running.values())
    await Promise.all(started.flatMap((one) => (one.status === 'fulfilled' ? one.value.stop() : [])))
  }
}
