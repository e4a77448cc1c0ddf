// Adds up what the routers have counted of each worker's requests. A router tells of a worker as long as it is connected to it; a total
// stays until the worker is gone, also when a router is gone before. Pure.
import type { WorkerName } from '../lifecycle/fleet.ts'
import { STATUS_CLASSES } from '../protocol/request-counts.ts'
import type { RouterWorkerReport } from '../protocol/supervision.ts'

/** Stands for all routers that have ended; those that live count from 1. */
const ENDED_ROUTERS = 0

export class WorkerTotals {
  /** By worker, then by router. */
  readonly #ended = new Map<string, Map<number, readonly number[]>>()

  heard(router: number, workers: readonly RouterWorkerReport[]): void {
    for (const { group, worker, ended } of workers) {
      const key = keyOf({ group, worker })
      const known = this.#ended.get(key)
      if (known === undefined) this.#ended.set(key, new Map([[router, ended]]))
      else known.set(router, ended)
    }
  }

  /** A router is gone for ever. */
  ended(router: number): void {
    for (const routers of this.#ended.values()) {
      const counts = routers.get(router)
      if (counts === undefined) continue
      routers.delete(router)
      routers.set(ENDED_ROUTERS, sum([counts, routers.get(ENDED_ROUTERS) ?? []]))
    }
  }

  /** Forgets all workers but these: their numbers are not used again. */
  keep(workers: readonly WorkerName[]): void {
    const kept = new Set(workers.map(keyOf))
    for (const key of this.#ended.keys()) if (!kept.has(key)) this.#ended.delete(key)
  }

  /** @returns requests that have ended, by STATUS_CLASSES */
  of(worker: WorkerName): readonly number[] {
    return sum([...(this.#ended.get(keyOf(worker))?.values() ?? [])])
  }
}

const keyOf = ({ group, worker }: WorkerName): string => `${group}/${worker}`

function sum(rows: readonly (readonly number[])[]): readonly number[] {
  return STATUS_CLASSES.map((_, place) => rows.reduce((total, row) => total + (row[place] ?? 0), 0))
}
