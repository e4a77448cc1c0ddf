// `watch: true`: has the configuration taken over when its files or the directories of `for-each` change. Decides nothing about what
// a change means; knows no option.
import { statSync, watch, type FSWatcher } from 'node:fs'
import type { ConfigurationSources } from '../facts/configuration-sources.ts'

type World = Readonly<{
  look: () => Promise<ConfigurationSources>
  /** Takes the configuration over; resolves when that is done or was refused. */
  changed: () => Promise<void>
  trouble: (text: string) => void
}>

/** An editor writes a file in several steps, and who makes a site its directory first and its files then. */
const settleMs = 500
/** Between two looks, however much happens. */
const restMs = 2000
/** Directories that have appeared are looked into again as often: what is in them may be older than the watch. */
const mostLooks = 5

/** By its inode: a directory that was removed and made again is another one. */
type Watched = Readonly<{ watcher: FSWatcher; inode: number | undefined }>

export class ConfigurationWatch {
  readonly #world: World
  readonly #watchers = new Map<string, Watched>()
  #on = false
  #timer: NodeJS.Timeout | null = null
  #busy: Promise<void> = Promise.resolve()
  #lastLook = 0
  #fingerprint: string | null = null

  constructor(world: World) {
    this.#world = world
  }

  /** Watches from now on, or no more. What has changed while it did not is found when it does again. */
  set(on: boolean): void {
    if (on === this.#on) return
    this.#on = on
    if (on) this.#schedule(0)
    else this.close()
  }

  close(): void {
    this.#on = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#watchOnly([])
  }

  #noticed(): void {
    if (this.#on && this.#timer === null)
      this.#schedule(Math.max(settleMs, this.#lastLook + restMs - performance.now()))
  }

  #schedule(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#busy = this.#busy.then(() => this.#look())
    }, ms)
  }

  async #look(): Promise<void> {
    try {
      const fingerprint = await this.#arm()
      const known = this.#fingerprint
      this.#lastLook = performance.now()
      // An invalid change is told once: it is tried again when it has changed again.
      this.#fingerprint = fingerprint
      if (this.#on && fingerprint !== known && known !== null) await this.#world.changed()
    } catch (error) {
      this.#world.trouble(`watch: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  /** Watches what there is now. @returns the fingerprint as of a moment when all of it was watched */
  async #arm(): Promise<string> {
    for (let look = 1; ; look += 1) {
      const { directories, fingerprint } = await this.#world.look()
      const added = this.#watchOnly(this.#on ? directories : [])
      if (!added || look === mostLooks) return fingerprint
    }
  }

  #watchOnly(directories: readonly string[]): boolean {
    const wanted = new Set(directories)
    for (const [path, { watcher, inode }] of this.#watchers)
      if (!wanted.has(path) || inodeOf(path) !== inode) this.#forget(path, watcher)
    const added = directories.filter((path) => !this.#watchers.has(path))
    return added.map((path) => this.#watch(path)).includes(true)
  }

  #watch(path: string): boolean {
    try {
      const watcher = watch(path, { persistent: false }, () => this.#noticed())
      // It was removed, or its file system went away: the next look watches what is above it.
      watcher.on('error', () => {
        this.#forget(path, watcher)
        this.#noticed()
      })
      this.#watchers.set(path, { watcher, inode: inodeOf(path) })
      return true
    } catch (error) {
      this.#world.trouble(`watch: ${path} cannot be watched: ${String(error)}; wsgid reload takes changes over`)
      return false
    }
  }

  #forget(path: string, watcher: FSWatcher): void {
    watcher.close()
    if (this.#watchers.get(path)?.watcher === watcher) this.#watchers.delete(path)
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino
