// The groups of a router that have requests, and the looks at them that only time brings: who waited too long, which worker is silent or
// stuck. A group without requests costs nothing, however many there are.

/** What is looked at; implemented by the dispatcher. */
export type ActiveGroup = {
  /** Requests taken and not yet over. */
  readonly active: number
  /** Set while the group is among the active ones, which it then need not say again. */
  isWatched: boolean
  readonly hasPrefetched: boolean
  expire(now: number): void
  endSilent(now: number): void
  recallFromStalled(now: number): void
  readonly statistics: { readonly isSettled: boolean; mark(now: number): void }
}

const STALL_WATCH_MS = 5

export class ActiveGroups {
  readonly #groups = new Set<ActiveGroup>()
  /** Those that have had requests of late, too. */
  readonly #counting = new Set<ActiveGroup>()
  #stallWatch: NodeJS.Timeout | undefined

  /** A group has got a request. It stays until a look finds it without one. */
  add(group: ActiveGroup): void {
    group.isWatched = true
    this.#groups.add(group)
    this.#counting.add(group)
  }

  /** Ends what has waited too long. To be called every 100 ms. */
  expire(now: number): void {
    for (const group of this.#groups) {
      if (group.active > 0) group.expire(now)
      else this.#remove(group)
    }
  }

  /** Ends requests of silent workers. To be called every half second. */
  endSilent(now: number): void {
    for (const group of this.#groups) group.endSilent(now)
  }

  /** Moves the window of their statistics on. To be called every MARK_MS. */
  mark(now: number): void {
    for (const group of this.#counting) {
      group.statistics.mark(now)
      if (group.statistics.isSettled && group.active === 0) this.#counting.delete(group)
    }
  }

  /** A worker has got more requests than threads: until none has, stuck ones are looked for every few milliseconds. */
  prefetched(): void {
    this.#stallWatch ??= setInterval(() => this.#recall(performance.now()), STALL_WATCH_MS)
  }

  #recall(now: number): void {
    let needed = false
    for (const group of this.#groups) {
      if (!group.hasPrefetched) continue
      needed = true
      group.recallFromStalled(now)
    }
    if (needed) return
    clearInterval(this.#stallWatch)
    this.#stallWatch = undefined
  }

  #remove(group: ActiveGroup): void {
    group.isWatched = false
    this.#groups.delete(group)
  }
}
