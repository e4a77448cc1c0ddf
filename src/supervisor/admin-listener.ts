// Where metrics and health are told: binds the address, keeps it until a reload names another, gives it back. What is told comes from others.
import { chmodSync, chownSync } from 'node:fs'
import type { Server } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { createAdminServer, type AdminApi } from '../control/admin-server.ts'
import type { AdminPlan } from '../plan/plan.ts'
import { removeStaleSocket } from './listeners.ts'

type Open = Readonly<{ plan: AdminPlan; server: Server }>

/** A change that is prepared: nothing of what was before has gone yet. */
export type AdminChange = Readonly<{ commit: () => void; discard: () => void }>

export class AdminListener {
  #open: Open | null = null
  #api: AdminApi | undefined
  readonly #trouble: (error: Error) => void

  /** @param trouble told of what concerns no single question, such as too many open files */
  constructor(trouble: (error: Error) => void) {
    this.#trouble = trouble
  }

  /** From now on questions are answered by this; before they are 503. */
  answerBy(api: AdminApi): void {
    this.#api = api
  }

  /** Where it listens, for people; null: nowhere. The port is the real one. */
  get url(): string | null {
    const address = this.#open?.server.address() ?? null
    if (address === null) return null
    if (typeof address === 'string') return `unix:${address}`
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`
  }

  /**
   * Binds a new address beside the old one.
   *
   * @param plan null: none from now on
   * @throws Error that names the address and the reason
   */
  async prepare(plan: AdminPlan | null): Promise<AdminChange> {
    const before = this.#open
    if (plan !== null && before !== null && isDeepStrictEqual(plan.address, before.plan.address)) {
      grant(plan)
      const commit = (): void => void (this.#open = { plan, server: before.server })
      return { commit, discard: () => grant(before.plan) }
    }
    const after = plan === null ? null : { plan, server: await this.#listen(plan) }
    return {
      commit: () => {
        this.#open = after
        end(before)
      },
      discard: () => end(after),
    }
  }

  close(): void {
    end(this.#open)
    this.#open = null
  }

  async #listen(plan: AdminPlan): Promise<Server> {
    const { address } = plan
    const server = createAdminServer(() => this.#api)
    try {
      if (address.kind === 'unix') removeStaleSocket(address.path)
      await listening(server, address)
      grant(plan)
    } catch (error) {
      server.close()
      const where = address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`
      throw new Error(`cannot listen on ${where} (admin): ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
    server.on('error', this.#trouble)
    return server
  }
}

/** The socket must have its mode from its first moment; node binds before `listen` returns. */
function listening(server: Server, address: AdminPlan['address']): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const listens = (): void => {
      server.off('error', reject)
      resolve()
    }
    if (address.kind === 'tcp') return void server.listen(address.port, address.host, listens)
    const before = process.umask(0o177)
    server.listen(address.path, listens)
    process.umask(before)
  })
}

function grant({ address, gid }: AdminPlan): void {
  if (address.kind !== 'unix') return
  chownSync(address.path, process.getuid?.() ?? 0, gid ?? process.getgid?.() ?? 0)
  chmodSync(address.path, gid === null ? 0o600 : 0o660)
}

/** Closing a Unix socket removes its path. */
function end(open: Open | null): void {
  open?.server.close()
  open?.server.closeAllConnections()
}
