// The listeners of a router, by the names that the supervisor gives them: those that take connections, and those that are left. What a
// front does with a request is none of its business.
import type { ListenerSettings, ToRouter } from '../protocol/supervision.ts'
import { changeFront, createFront, stopListening, type Front } from './front.ts'
import type { FrontContext } from './front-context.ts'
import { PlainServer } from './plain-server.ts'
import { tell } from './supervisor-channel.ts'

/** A client that has just connected gets so long for its first request when we leave. */
const FRESH_GRACE_MS = 500

export class Fronts {
  readonly #context: FrontContext
  readonly #listening = new Map<string, Front>()
  /** No longer listened on; some of their connections may still be busy. */
  readonly #leaving = new Set<Front>()

  constructor(context: FrontContext) {
    this.#context = context
  }

  /** @param handle a bound socket; when the listener is there already, a copy of its own */
  listen({ listener, settings }: Extract<ToRouter, { type: 'listen' }>, handle: unknown): void {
    const known = this.#listening.get(listener)?.listening
    if (known instanceof PlainServer) return known.listenAlso(handle)
    const front = createFront(this.#context, settings)
    this.#listening.set(listener, front)
    front.listening.on('error', (error) => tell({ type: 'listen-failed', listener, reason: error.message }))
    front.listening.listen(handle, () => tell({ type: 'listening', listener }))
  }

  relisten(listener: string, settings: ListenerSettings): void {
    const front = this.#listening.get(listener)
    if (front !== undefined) changeFront(front, settings)
  }

  /** No new connections there; those that are open end when they have nothing more to do. */
  unlisten(listener: string): void {
    const front = this.#listening.get(listener)
    if (front === undefined) return
    this.#listening.delete(listener)
    // After the poll phase: who has connected already is accepted.
    setImmediate(stopListening, front)
    this.#leaving.add(front)
  }

  unlistenAll(): void {
    for (const listener of [...this.#listening.keys()]) this.unlisten(listener)
  }

  /** Ends what is idle on listeners that are left; to be called now and then. */
  endLeavingConnections(now: number): void {
    for (const front of this.#leaving) {
      front.connections.endIdleSince(now, now - FRESH_GRACE_MS)
      if (front.connections.count === 0) this.#leaving.delete(front)
    }
  }

  /** Connections are still open on listeners that are left. */
  get isLeaving(): boolean {
    return this.#leaving.size > 0
  }

  /** Open connections, everywhere. */
  get connections(): number {
    return this.#all().reduce((sum, { connections }) => sum + connections.count, 0)
  }

  /** Cuts them all, whatever runs. */
  cutAll(): void {
    for (const { connections } of this.#all()) connections.cutAll()
  }

  #all(): Front[] {
    return [...this.#listening.values(), ...this.#leaving]
  }
}
