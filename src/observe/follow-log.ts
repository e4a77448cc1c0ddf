// Follows a log for as long as somebody wants to read it: woken by the kernel, it goes over to the new file when the log is rotated.
import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { FileHandle } from 'node:fs/promises'
import { GrowingFile } from './log-reader.ts'
import { successorOf } from './old-logs.ts'

/**
 * Every line from a place on, without an end. A file that does not exist yet is waited for; its directory must exist.
 *
 * After a rotation the old file is read along with the new one until the next: between logrotate's renaming and USR1 lines still go there.
 *
 * @param start as for GrowingFile.open, for the file that is there now
 * @throws Error when the directory cannot be watched or the file not be read
 */
export async function* followLog(
  path: string,
  start: (file: FileHandle) => Promise<number>,
): AsyncGenerator<string, never> {
  const changes = new Changes(path)
  let current: GrowingFile | null = null
  let old: GrowingFile | null = null
  try {
    current = await GrowingFile.open(path, start)
    for (;;) {
      if (old !== null) yield* old.newLines()
      if (current !== null) {
        const replaced = await current.isReplaced(path)
        yield* current.newLines()
        if (replaced) {
          await old?.close()
          old = current
          current = null
        }
      }
      if (current !== null) await changes.next()
      else if ((current = await openNext(path, old)) === null) await changes.next()
    }
  } finally {
    changes.close()
    await Promise.all([old?.close(), current?.close()])
  }
}

/** The file after `old`; between two looks the log may have been rotated several times. */
async function openNext(path: string, old: GrowingFile | null): Promise<GrowingFile | null> {
  if (old === null) return GrowingFile.open(path)
  for (;;) {
    const next = successorOf(path, old.inode)
    const file = await GrowingFile.open(next)
    // Unless a rotation has given the name to another one before it was opened.
    if (successorOf(path, old.inode) === next) return file
    await file?.close()
  }
}

/** Tells when the log, or a file that it was renamed to, may have changed. */
class Changes {
  readonly #watcher: FSWatcher
  #changed = false
  #failure: Error | null = null
  #wake: () => void = () => undefined

  constructor(path: string) {
    const name = basename(path)
    this.#watcher = watch(dirname(path), (_, changed) => {
      if (changed === null || changed.startsWith(name)) this.#tell()
    })
    this.#watcher.on('error', (error: Error) => {
      this.#failure = error
      this.#tell()
    })
  }

  /** Resolves at once when something has changed since the last time. */
  async next(): Promise<void> {
    if (!this.#changed) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#changed = false
    if (this.#failure !== null) throw this.#failure
  }

  close(): void {
    this.#watcher.close()
  }

  #tell(): void {
    this.#changed = true
    this.#wake()
  }
}
