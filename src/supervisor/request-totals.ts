// Adds up what the routers have counted of requests, also of routers that have ended, so that a total never falls because a router
// was replaced: what such a router counted after its last report is lost. Pure.
import { addCounts, emptyCounts, type RequestCounts } from '../protocol/request-counts.ts'
import type { RouterGroupReport } from '../protocol/supervision.ts'

type ByGroup = Map<string, RequestCounts>

export class RequestTotals {
  /** By router. */
  readonly #reported = new Map<number, ByGroup>()
  /** Of the routers that have ended, by group. */
  readonly #ended = new Map<string, Float64Array>()

  /** What a router says now; everything that it has said before is in it. */
  heard(router: number, groups: readonly RouterGroupReport[]): void {
    const counts = groups.flatMap(({ group, statistics }) =>
      statistics === null ? [] : [[group, statistics.since] as const],
    )
    this.#reported.set(router, new Map(counts))
  }

  /** A router is gone for ever: what it has reported is kept. */
  ended(router: number): void {
    for (const [group, counts] of this.#reported.get(router) ?? []) {
      this.#ended.set(group, addCounts(this.#ended.get(group) ?? emptyCounts(), counts))
    }
    this.#reported.delete(router)
  }

  /** A group is gone: one of the same name begins anew. */
  forget(group: string): void {
    this.#ended.delete(group)
    for (const groups of this.#reported.values()) groups.delete(group)
  }

  /** Of all routers since the server has this group. */
  of(group: string): RequestCounts {
    const total = emptyCounts()
    const ended = this.#ended.get(group)
    if (ended !== undefined) addCounts(total, ended)
    for (const groups of this.#reported.values()) {
      const counts = groups.get(group)
      if (counts !== undefined) addCounts(total, counts)
    }
    return total
  }
}
