// Reads a log file from the end or as it grows, across rotation by renaming or cutting. Knows no log by name and prints nothing.
import { createReadStream, type Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { codeOf } from '../errno.ts'

const blockBytes = 64 * 1024
const lineFeed = 0x0a

/**
 * Where the last lines of a file begin, found from its end.
 *
 * @param lines how many, at least 1
 * @returns an offset in bytes; 0 when there are no more lines than that
 */
export async function startOfLastLines(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat()
  const block = Buffer.alloc(blockBytes)
  // The line feed at the very end ends the last line, it is not one more.
  let end = size - 1
  let missing = lines
  while (end > 0) {
    const start = Math.max(0, end - blockBytes)
    const { bytesRead } = await file.read(block, 0, end - start, start)
    for (let at = bytesRead - 1; at >= 0; at -= 1) {
      if (block[at] === lineFeed && (missing -= 1) === 0) return start + at + 1
    }
    end = start
  }
  return 0
}

/** The lines of a whole file. */
export function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Infinity })
}

/** A file that is written to by others while it is read. */
export class GrowingFile {
  readonly #handle: FileHandle
  #offset: number
  #rest = ''
  readonly #decoder = new TextDecoder()
  readonly inode: number

  private constructor(handle: FileHandle, place: Readonly<{ offset: number; inode: number }>) {
    this.#handle = handle
    this.#offset = place.offset
    this.inode = place.inode
  }

  /** @param start where to begin, from the file itself; default: at its beginning. @returns null when there is no such file */
  static async open(path: string, start?: (file: FileHandle) => Promise<number>): Promise<GrowingFile | null> {
    const handle = await open(path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null
      throw error
    })
    if (handle === null) return null
    const { ino: inode } = await handle.stat()
    return new GrowingFile(handle, { offset: (await start?.(handle)) ?? 0, inode })
  }

  /** The complete lines that have been written since the last time. */
  async *newLines(): AsyncGenerator<string> {
    const block = Buffer.alloc(blockBytes)
    // Cut by logrotate's copytruncate: it begins anew.
    if ((await this.#handle.stat()).size < this.#offset) {
      this.#offset = 0
      this.#rest = ''
    }
    for (;;) {
      const { bytesRead } = await this.#handle.read(block, 0, blockBytes, this.#offset)
      if (bytesRead === 0) return
      this.#offset += bytesRead
      const lines = (this.#rest + this.#decoder.decode(block.subarray(0, bytesRead), { stream: true })).split('\n')
      this.#rest = lines.pop() ?? ''
      yield* lines
    }
  }

  /** Whether another file has the name of the log by now. */
  async isReplaced(path: string): Promise<boolean> {
    const now: Stats | null = await stat(path).catch(() => null)
    return now !== null && now.ino !== this.inode
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
