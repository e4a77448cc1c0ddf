// The processes of all groups, by the group's name.
import type { WorkerName } from '../lifecycle/fleet.ts'
import type { ToRouter } from '../protocol/supervision.ts'
import { GroupChildren, type ChildrenWorld } from './group-children.ts'
import type { Slots } from './slots.ts'

export class WorkerChildren {
  readonly #world: ChildrenWorld
  readonly #groups = new Map<string, GroupChildren>()

  constructor(world: ChildrenWorld) {
    this.#world = world
  }

  /** Takes a group in. @param slots its sockets; closed with it */
  add(group: string, slots: Slots): void {
    this.#groups.set(group, new GroupChildren(group, slots, this.#world))
  }

  /** @throws Error when there is no such group: nothing happens to a group before it was added or after it was removed */
  of(group: string): GroupChildren {
    const children = this.#groups.get(group)
    if (children === undefined) throw new Error(`no group ${group}`)
    return children
  }

  /** What tells routers where a worker is; undefined when it is gone. */
  announcementOf({ group, worker }: WorkerName): ToRouter | undefined {
    const children = this.#groups.get(group)
    const pid = children?.process(worker)?.pid
    const socketPath = children?.socketPath(worker)
    if (children === undefined || pid === undefined || socketPath === undefined) return undefined
    const { scoreboardPath } = children
    return { type: 'worker-ready', address: { group, worker, pid, socketPath, scoreboardPath } }
  }

  /** Ends what is left of a group and forgets it. Resolves when its sockets are gone. */
  async remove(group: string): Promise<void> {
    await this.#groups.get(group)?.close()
    this.#groups.delete(group)
  }

  /** Ends what is left of all groups. */
  async close(): Promise<void> {
    await Promise.all([...this.#groups.keys()].map((group) => this.remove(group)))
  }
}
