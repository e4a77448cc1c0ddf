// Tells who waits for a roll what happens to the workers, and how it ends.
import type { WorkerProgress } from '../control/progress-line.ts'

export class Progress {
  readonly #watchers = new Set<(progress: WorkerProgress) => void>()
  readonly #awaited = new Map<string, ((error: string | null) => void)[]>()
  readonly #ends = new Map<string, (() => void)[]>()

  /** Calls `tell` for each change of a worker. @returns ends that */
  watch(tell: (progress: WorkerProgress) => void): () => void {
    this.#watchers.add(tell)
    return () => this.#watchers.delete(tell)
  }

  /** Resolves when the group's next roll ends: to null, or to the reason why it failed. One that is overtaken goes on as the next one. */
  rollOf(group: string): Promise<string | null> {
    return new Promise((resolve) => this.#awaited.set(group, [...(this.#awaited.get(group) ?? []), resolve]))
  }

  /** Resolves when the group is gone. */
  endOf(group: string): Promise<void> {
    return new Promise((resolve) => this.#ends.set(group, [...(this.#ends.get(group) ?? []), resolve]))
  }

  changed(progress: WorkerProgress): void {
    for (const tell of this.#watchers) tell(progress)
  }

  gone(group: string): void {
    const waiting = this.#ends.get(group) ?? []
    this.#ends.delete(group)
    for (const resolve of waiting) resolve()
  }

  ended(group: string, error: string | null): void {
    const waiting = this.#awaited.get(group) ?? []
    this.#awaited.delete(group)
    for (const resolve of waiting) resolve(error)
  }
}
