// A set of addresses, given as addresses and networks. Pure.
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

type Range = ReturnType<typeof ipaddr.parseCIDR>

/** Addresses whose answer is remembered: a proxy's connections and headers repeat them. */
const remembered = 1024

export class Networks {
  readonly #ranges: readonly Range[]
  readonly #unix: boolean
  readonly #known = new Map<string, boolean>()

  /** @param written as in `trusted-proxies`: "192.0.2.1", "10.0.0.0/8", "unix:" */
  constructor(written: readonly string[]) {
    this.#unix = written.includes('unix:')
    this.#ranges = written.filter((each) => each !== 'unix:').map(rangeOf)
  }

  /** @param address a plain one; "" is the other end of a Unix socket */
  has(address: string): boolean {
    if (address === '') return this.#unix
    const known = this.#known.get(address)
    if (known !== undefined) return known
    if (this.#known.size >= remembered) this.#known.clear()
    const found = isIP(address) !== 0 && this.#find(address)
    this.#known.set(address, found)
    return found
  }

  #find(address: string): boolean {
    const parsed = ipaddr.process(address)
    return this.#ranges.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match([network, bits]))
  }
}

function rangeOf(written: string): Range {
  if (written.includes('/')) return ipaddr.parseCIDR(written)
  const address = ipaddr.process(written)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}
