// How long a login has to wait for those that failed before it. Pure but for what it remembers, which is bounded; the clock is the caller's.

/** Each failure raises a level that sinks by one every `sinkMs`; beyond `free` the next attempt waits, twice as long each time. */
type Rule = Readonly<{ free: number; sinkMs: number; longestMs: number }>

/** Somebody at an address tries the password of one user. */
const PAIR: Rule = { free: 3, sinkMs: 30_000, longestMs: 8_000 }
/** An address tries many users, or many addresses one: slower to act, since an office or a proxy has one address, and anybody could keep a user out. */
const ALONE: Rule = { free: 100, sinkMs: 1_000, longestMs: 2_000 }

const FIRST_WAIT_MS = 500
const MOST_WAITING_OF_PAIR = 8
const MOST_WAITING = 1_000
const MOST_REMEMBERED = 20_000

type Level = { readonly rule: Rule; height: number; at: number; waiting: number }

/** An attempt that goes on: counted as failed until it has succeeded, so that many at a time are no way around. */
export type Attempt = Readonly<{ waitMs: number; levels: readonly Level[] }>

/** Who tries to be whom. `user` includes what makes it unique among all groups. */
export type Trying = Readonly<{ address: string; user: string }>

export class FailedLogins {
  readonly #levels = new Map<string, Level>()
  #waiting = 0

  /** @returns null: too many wait already */
  begin({ address, user }: Trying, now: number): Attempt | null {
    const from = networkOf(address)
    const pair = this.#level(`${from}\0${user}`, PAIR, now)
    const levels = [pair, this.#level(`${from}\0`, ALONE, now), this.#level(`\0${user}`, ALONE, now)]
    if (pair.waiting >= MOST_WAITING_OF_PAIR || this.#waiting >= MOST_WAITING) return null
    const waitMs = Math.max(...levels.map(waitOf))
    for (const level of levels) {
      level.height += 1
      level.waiting += 1
    }
    this.#waiting += 1
    return { waitMs, levels }
  }

  /** @param failed the password was wrong; anything else that ends an attempt is no failure */
  end({ levels }: Attempt, failed: boolean): void {
    this.#waiting -= 1
    for (const level of levels) {
      level.waiting -= 1
      if (!failed) level.height = Math.max(0, level.height - 1)
    }
  }

  /** The level as it is now, and the last to be forgotten. */
  #level(key: string, rule: Rule, now: number): Level {
    const known = this.#levels.get(key)
    const level = known ?? { rule, height: 0, at: now, waiting: 0 }
    const sunk = Math.floor((now - level.at) / rule.sinkMs)
    level.height = Math.max(0, Math.min(level.height, rule.free + 10) - sunk)
    level.at = level.height === 0 ? now : level.at + sunk * rule.sinkMs
    this.#levels.delete(key)
    this.#levels.set(key, level)
    if (this.#levels.size > MOST_REMEMBERED) {
      const [oldest] = this.#levels.keys()
      if (oldest !== undefined) this.#levels.delete(oldest)
    }
    return level
  }
}

function waitOf({ rule, height }: Level): number {
  return height < rule.free ? 0 : Math.min(rule.longestMs, FIRST_WAIT_MS * 2 ** (height - rule.free))
}

/** Of IPv6 the /64, which one customer has for himself. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':')
  const missing = tail === undefined ? [] : Array<string>(8).fill('0')
  return [...groups, ...missing].slice(0, 4).join(':')
}
