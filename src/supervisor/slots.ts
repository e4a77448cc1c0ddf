// The listening sockets of one group: bound before its template processes start, inherited by them, reached by the routers.
import { randomFillSync } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf } from '../errno.ts'
import { bindPath, type BoundSocket } from '../launch/sockets.ts'
import { SCOREBOARD_SLOT } from '../protocol/scoreboard.ts'
import { grantScoreboard, grantSocket, makeGroupDirectory, scoreboardIn, type RunDirPlan } from './run-dir.ts'

/** One of a group's sockets. */
export type Slot = Readonly<{ path: string; socket: BoundSocket }>

export class Slots {
  readonly #plan: RunDirPlan
  readonly #group: string
  readonly #slots: Slot[] = []
  #directory: string | null = null

  /**
   * @param count bound at once, so that what cannot be had is known before the group starts; 0: when they are needed
   * @throws Error when the directory or a socket cannot be made; nothing is left behind then
   */
  constructor(plan: RunDirPlan, group: string, count: number) {
    this.#plan = plan
    this.#group = group
    try {
      this.provide(count)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * Binds what is missing.
   *
   * @returns the first `count` slots
   * @throws Error when a socket cannot be made
   */
  provide(count: number): readonly Slot[] {
    if (count > 0) this.#directory ??= makeGroupDirectory(this.#plan, this.#group)
    while (this.#directory !== null && this.#slots.length < count) {
      const path = join(this.#directory, `${String(this.#slots.length).padStart(2, '0')}.sock`)
      this.#slots.push({ path, socket: bindPath(path) })
      grantSocket(this.#plan, path)
    }
    return this.#slots.slice(0, count)
  }

  /** Gives up those beyond `count`, which nobody may use any more. */
  reduceTo(count: number): void {
    for (const { socket } of this.#slots.splice(count)) socket.close()
  }

  /** Where routers read what dead workers had begun. */
  get scoreboardPath(): string {
    return scoreboardIn(this.#plan.runDir, this.#group)
  }

  /**
   * Hands the group's scoreboard, with room for all slots, to `use` as a descriptor that is closed afterwards.
   *
   * @throws Error when it cannot be made, and whatever `use` throws
   */
  withScoreboard<Result>(use: (descriptor: number) => Result): Result {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND
    const descriptor = openSync(this.scoreboardPath, flags, 0o600)
    try {
      const { size } = fstatSync(descriptor)
      const missing = this.#slots.length - Math.floor(size / SCOREBOARD_SLOT)
      // Written, not only made longer: on a full disk this fails, and no worker that writes into a hole is ended by SIGBUS.
      if (missing > 0) this.#writeSlots(descriptor, missing)
      grantScoreboard(this.#plan, this.scoreboardPath)
      return use(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }

  #writeSlots(descriptor: number, count: number): void {
    try {
      writeFileSync(descriptor, emptySlots(count))
    } catch (error) {
      const place = realpathSync(this.scoreboardPath)
      throw new Error(`cannot write the scoreboard ${place}: ${errnoOf(error)}: it needs ${count} KiB`, {
        cause: error,
      })
    }
  }

  /** Where a socket of the group's may stand that is none of its slots; removed with the others. @throws Error when there is no directory */
  pathFor(name: string): string {
    this.#directory ??= makeGroupDirectory(this.#plan, this.#group)
    return join(this.#directory, name)
  }

  /** Who else may connect to such a socket: the gid of the routers; null: nobody. */
  get routerGid(): number | null {
    return this.#plan.privileged ? this.#plan.routerIdentity.gid : null
  }

  at(slot: number): Slot | undefined {
    return this.#slots[slot]
  }

  close(): void {
    this.reduceTo(0)
    if (this.#directory !== null) rmSync(this.#directory, { recursive: true, force: true })
    rmSync(this.scoreboardPath, { force: true })
    this.#directory = null
  }
}

/** Serial numbers begin anywhere, so that the routers of a dead supervisor do not take a new worker's place for that of an old one. */
function emptySlots(count: number): Buffer {
  const bytes = Buffer.alloc(count * SCOREBOARD_SLOT)
  for (let start = 0; start < bytes.length; start += SCOREBOARD_SLOT) randomFillSync(bytes, start, 4)
  return bytes
}
