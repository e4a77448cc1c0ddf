// The addresses that clients connect to: resolved, bound and held; the routers accept on copies.
import { lookup } from 'node:dns/promises'
import { chmodSync, rmSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { bindPath, bindTcp, inheritedSocket, SocketError, type BoundSocket } from '../launch/sockets.ts'
import { listenerUrl, type HostAndPort } from '../plan/listener-url.ts'
import type { AddressPlan, ListenerPlan } from '../plan/plan.ts'
import type { ListenerSettings } from '../protocol/supervision.ts'

/** `url` is the real address, for people: "http://127.0.0.1:8080", "unix:/run/site.sock". */
export type Listener = Readonly<{ url: string; socket: BoundSocket; settings: ListenerSettings }>

/** What a listener was before and is now. */
export type ListenerChange = Readonly<{ before: Listener; after: Listener }>

/** A bound address; `at` is what it came to be, null without host and port. */
type Bound = Readonly<{ socket: BoundSocket; at: HostAndPort | null }>
type Held = Bound & Readonly<{ plan: ListenerPlan }>

/** How long the routers of a supervisor that died may keep an address while they finish. */
const patienceMs = 3000
const pauseMs = 50

/** The addresses of a server, by the plan of each. */
export class Listeners {
  readonly #held = new Map<string, Held>()

  get all(): readonly Listener[] {
    return [...this.#held.values()].map((held) => this.#listener(held))
  }

  /**
   * Binds these addresses as well, or none of them.
   *
   * @param formerDied a former supervisor ended without cleaning up: an address in use is tried again for 3 s
   * @throws Error that names the address and the reason
   */
  async bind(plans: readonly ListenerPlan[], formerDied: boolean): Promise<void> {
    const bound: Held[] = []
    const giveUpAt = performance.now() + (formerDied ? patienceMs : 0)
    try {
      for (const plan of plans) bound.push({ plan, ...(await bindPatiently(plan.address, giveUpAt)) })
    } catch (error) {
      for (const { socket } of bound) socket.close()
      throw error
    }
    for (const held of bound) this.#held.set(keyOf(held.plan), held)
  }

  /** The listener of a plan that was bound. */
  of(plan: ListenerPlan): Listener | undefined {
    const held = this.#held.get(keyOf(plan))
    return held && this.#listener(held)
  }

  /** Takes new settings over for addresses that are bound. @returns what has changed, also where a redirection leads */
  adopt(plans: readonly ListenerPlan[]): readonly ListenerChange[] {
    const before = new Map([...this.#held].map(([key, held]) => [key, this.#listener(held)]))
    for (const plan of plans) {
      const held = this.#held.get(keyOf(plan))
      if (held !== undefined) this.#held.set(keyOf(plan), { ...held, plan })
    }
    return [...this.#held].flatMap(([key, held]) => {
      const [was, after] = [before.get(key), this.#listener(held)]
      return was === undefined || isSame(was, after) ? [] : [{ before: was, after }]
    })
  }

  /** Gives addresses up. @returns what they were */
  release(plans: readonly ListenerPlan[]): readonly Listener[] {
    return plans.flatMap((plan) => {
      const listener = this.of(plan)
      if (listener === undefined) return []
      this.#held.delete(keyOf(plan))
      listener.socket.close()
      return [listener]
    })
  }

  close(): void {
    for (const { socket } of this.#held.values()) socket.close()
    this.#held.clear()
  }

  #listener({ socket, at, plan }: Held): Listener {
    const { certificates, hsts, redirect, proxyProtocol } = plan
    const to = redirect === null ? null : { status: redirect.status, port: redirect.port ?? this.#httpsPort() }
    return { url: listenerUrl(plan, at), socket, settings: { certificates, hsts, proxyProtocol, redirect: to } }
  }

  #httpsPort(): number {
    const secure = [...this.#held.values()].find(({ plan }) => plan.certificates.length > 0)
    return secure?.at?.port ?? defaultHttpsPort
  }
}

const defaultHttpsPort = 443

const keyOf = ({ address }: ListenerPlan): string => JSON.stringify(address)

const isSame = (a: Listener, b: Listener): boolean =>
  a.url === b.url && JSON.stringify(a.settings) === JSON.stringify(b.settings)

async function bindPatiently(address: AddressPlan, giveUpAt: number): Promise<Bound> {
  for (;;) {
    try {
      return await bind(address)
    } catch (error) {
      if (!(error instanceof SocketError && error.code === 'EADDRINUSE' && performance.now() < giveUpAt)) throw error
    }
    await sleep(pauseMs)
  }
}

async function bind(wanted: AddressPlan): Promise<Bound> {
  switch (wanted.kind) {
    case 'tcp': {
      const { address } = await lookup(wanted.host)
      const socket = bindTcp(address, wanted.port)
      return { socket, at: { host: address, port: socket.port } }
    }
    case 'unix': {
      removeStaleSocket(wanted.path)
      const socket = bindPath(wanted.path)
      // Who may connect is decided by the directory that it stands in.
      chmodSync(wanted.path, 0o666)
      return { socket, at: null }
    }
    case 'systemd': {
      const { socket, address } = inheritedSocket(wanted.name, process.env)
      return { socket, at: address }
    }
  }
}

/** A socket file stays behind when its server dies; anything else at the path is not ours to remove. */
export function removeStaleSocket(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path)
}
