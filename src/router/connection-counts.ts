// How many client connections a router has, on all of its listeners, and whether one more may come. Knows no socket.
import type { ClientLimits } from '../plan/plan.ts'

type ConnectionLimits = Pick<ClientLimits, 'maximumConnections' | 'maximumConnectionsPerAddress'>

/** Where listeners tell of connections that cannot be answered yet; `complain` is for one that is closed. */
export type WaitingConnections = Readonly<{ begin: () => boolean; end: () => void; complain: (text: string) => void }>

export const TOO_MANY_WAIT = 'connection closed: maximum-connections are open or about to be'

/** So many more than maximum-connections are let in as far as it takes to tell them that they are too many. */
const TOLD_BESIDES = 100

export class ConnectionCounts {
  /** Those on which requests can come. */
  #open = 0
  /** Those whose PROXY header or TLS handshake is not complete. */
  #waiting = 0
  /** Of the open ones, by client address, as long as there is a limit for them. */
  readonly #byAddress = new Map<string, number>()

  /** A connection that cannot be answered yet. @returns false when it is one too many: it has not been counted */
  beginWaiting({ maximumConnections }: ConnectionLimits): boolean {
    if (maximumConnections > 0 && this.#open + this.#waiting >= maximumConnections + TOLD_BESIDES) return false
    this.#waiting += 1
    return true
  }

  endWaiting(): void {
    this.#waiting -= 1
  }

  /** Why a connection on which requests could come is one too many; undefined when it is none. It is not counted. */
  refusal(address: string, limits: ConnectionLimits): string | undefined {
    const { maximumConnections, maximumConnectionsPerAddress } = limits
    if (maximumConnections > 0 && this.#open >= maximumConnections)
      return `maximum-connections (${maximumConnections} at this router) are open`
    if (
      address !== '' &&
      maximumConnectionsPerAddress > 0 &&
      (this.#byAddress.get(address) ?? 0) >= maximumConnectionsPerAddress
    )
      return `maximum-connections-per-address (${maximumConnectionsPerAddress}) are open from its address`
    return undefined
  }

  /** @param address "": not to be counted by address, as on a Unix socket. To be given to `close` too */
  open(address: string): void {
    this.#open += 1
    if (address !== '') this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
  }

  close(address: string): void {
    this.#open -= 1
    if (address === '') return
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, left)
  }
}
