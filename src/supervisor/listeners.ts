// The addresses that clients connect to: resolved, bound and held; the routers accept on copies.
import { lookup } from 'node:dns/promises'
import { chmodSync, rmSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { bindPath, bindTcp, inheritedSocket, SocketError, type BoundSocket } from '../launch/sockets.ts'
import type { ListenerPlan } from '../plan/plan.ts'

/** `url` is the real address, for people: "http://127.0.0.1:8080", "unix:/run/site.sock". */
export type Listener = Readonly<{ url: string; socket: BoundSocket }>

/** How long the routers of a supervisor that died may keep an address while they finish. */
const patienceMs = 3000
const pauseMs = 50

/** The addresses of a server, by the plan of each. */
export class Listeners {
  readonly #bound = new Map<string, Listener>()

  get all(): readonly Listener[] {
    return [...this.#bound.values()]
  }

  /**
   * Binds these addresses as well, or none of them.
   *
   * @param formerDied a former supervisor ended without cleaning up: an address in use is tried again for 3 s
   * @returns those that were bound now
   * @throws Error that names the address and the reason
   */
  async bind(plans: readonly ListenerPlan[], formerDied: boolean): Promise<readonly Listener[]> {
    const bound: [string, Listener][] = []
    const giveUpAt = performance.now() + (formerDied ? patienceMs : 0)
    try {
      for (const plan of plans) bound.push([keyOf(plan), await bindPatiently(plan, giveUpAt)])
    } catch (error) {
      for (const [, { socket }] of bound) socket.close()
      throw error
    }
    for (const [key, listener] of bound) this.#bound.set(key, listener)
    return bound.map(([, listener]) => listener)
  }

  /** Gives addresses up. @returns what they were */
  release(plans: readonly ListenerPlan[]): readonly Listener[] {
    return plans.flatMap((plan) => {
      const listener = this.#bound.get(keyOf(plan))
      if (listener === undefined) return []
      this.#bound.delete(keyOf(plan))
      listener.socket.close()
      return [listener]
    })
  }

  close(): void {
    for (const { socket } of this.#bound.values()) socket.close()
    this.#bound.clear()
  }
}

const keyOf = (plan: ListenerPlan): string => JSON.stringify(plan)

async function bindPatiently(plan: ListenerPlan, giveUpAt: number): Promise<Listener> {
  for (;;) {
    try {
      return await bind(plan)
    } catch (error) {
      if (!(error instanceof SocketError && error.code === 'EADDRINUSE' && performance.now() < giveUpAt)) throw error
    }
    await sleep(pauseMs)
  }
}

async function bind(plan: ListenerPlan): Promise<Listener> {
  switch (plan.kind) {
    case 'tcp': {
      const { address } = await lookup(plan.host)
      const socket = bindTcp(address, plan.port)
      return { url: urlOf(address, socket.port), socket }
    }
    case 'unix': {
      removeStaleSocket(plan.path)
      const socket = bindPath(plan.path)
      // Who may connect is decided by the directory that it stands in.
      chmodSync(plan.path, 0o666)
      return { url: `unix:${plan.path}`, socket }
    }
    case 'systemd': {
      const { socket, address } = inheritedSocket(plan.name, process.env)
      return { url: address === null ? `systemd:${plan.name}` : urlOf(address.host, address.port), socket }
    }
  }
}

const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** A socket file stays behind when its server dies; anything else at the path is not ours to remove. */
function removeStaleSocket(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path)
}
