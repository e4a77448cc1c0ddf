// One log: a file that is appended to, or stderr. Never stops the server: what cannot be written is counted and told later.
import { constants, fstatSync, openSync } from 'node:fs'
import sonicBoom, { type SonicBoom } from 'sonic-boom'
import type { LogRotation } from '../plan/plan.ts'
import { renderLine, type Level, type Speaker } from './log-line.ts'
import { putAside } from './old-logs.ts'

/** What may wait to be written, in bytes; more is dropped and counted. Each router may send a frame of access lines before it waits. */
const longestBacklog = 4 * 1024 * 1024
/** After a failed write, the next attempt. */
const retryMs = 1000
const stderrFd = 2

/** By its types it takes only text; as it is made here, only bytes. */
type ByteStream = Omit<SonicBoom, 'write'> & { write(bytes: string | Buffer): boolean }

export type LogFileOptions = Readonly<{
  /** null: whoever rotates it renames it and calls `reopen`. */
  rotation?: LogRotation | null
  /** Told what is wrong with the file; default: a line in it. */
  complain?: (text: string) => void
}>

/** `path` null: stderr. */
export class LogFile {
  readonly #path: string | null
  readonly #complain: (text: string) => void
  #rotation: LogRotation | null
  /** Bytes in the file, as far as they count for the next rotation. */
  #size = 0
  #stream: ByteStream
  #failure: Error | null = null
  #retry: NodeJS.Timeout | null = null
  #lost = 0
  #waiting: (() => void)[] = []

  /** @throws Error when the file cannot be opened */
  constructor(path: string | null, { rotation = null, complain }: LogFileOptions = {}) {
    this.#path = path
    this.#rotation = rotation
    this.#complain = complain ?? ((text) => this.write('error', {}, text))
    this.#stream = this.#open()
  }

  /**
   * Appends a line.
   *
   * @returns false when the log is behind: who can wait should, by `whenDrained`
   */
  write(level: Level, speaker: Speaker, text: string): boolean {
    if (this.#failure !== null) {
      this.#lost += 1
      return true
    }
    return this.#stream.write(Buffer.from(renderLine(new Date(), level, speaker, text)))
  }

  /** Appends lines that are complete as they are, bytes, each with its line feed. @returns as `write` */
  append(lines: Buffer): boolean {
    if (this.#failure === null) return this.#stream.write(lines)
    this.#lost += countLines(lines)
    return true
  }

  /** Calls back once when the log has caught up, or cannot be written any more and waiting is in vain. */
  whenDrained(resume: () => void): void {
    if (this.#failure !== null) setImmediate(resume)
    else this.#waiting.push(resume)
  }

  /** Opens the file anew, for logrotate. When that fails, the old file stays in use and says why. */
  reopen(): void {
    if (this.#path === null) return
    const old = this.#stream
    try {
      this.#stream = this.#open()
    } catch (error) {
      this.#complain(`cannot reopen ${this.#path}: ${String(error)}; the old file stays in use`)
      return
    }
    void released(old)
    this.#works()
    this.#drained()
  }

  /** From now on, as if it had been opened with it. */
  rotateBy(rotation: LogRotation | null): void {
    this.#rotation = rotation
  }

  /** Writes out what waits, as far as it can be written, and closes. Nothing may be written afterwards. */
  async close(): Promise<void> {
    if (this.#retry !== null) clearTimeout(this.#retry)
    await released(this.#stream)
  }

  #open(): ByteStream {
    const fd = this.#path === null ? stderrFd : openLog(this.#path)
    const stream: ByteStream = new sonicBoom.SonicBoom({ fd, maxLength: longestBacklog, contentMode: 'buffer' })
    this.#size = this.#path === null ? 0 : fstatSync(fd).size
    stream.on('drain', () => this.#drained())
    stream.on('drop', (bytes: Buffer) => (this.#lost += countLines(bytes)))
    stream.on('write', (bytes: number) => {
      this.#works()
      if (stream === this.#stream) this.#grow(bytes)
    })
    stream.on('error', (error: Error) => {
      // The error of a file that was left by `reopen` says nothing about the new one.
      if (stream === this.#stream) this.#fails(error)
    })
    return stream
  }

  /** Counted when it is written: what waits meanwhile, of bounded size, still goes to the file that is put aside. */
  #grow(bytes: number): void {
    this.#size += bytes
    if (this.#path === null || this.#rotation === null || this.#size < this.#rotation.size) return
    // Whatever comes of it, the next attempt is as many bytes away.
    this.#size = 0
    try {
      putAside(this.#path, this.#rotation.count)
    } catch (error) {
      this.#complain(`cannot rotate ${this.#path}: ${String(error)}; it grows on`)
      return
    }
    this.reopen()
  }

  #fails(error: Error): void {
    this.#failure = error
    this.#drained()
    this.#retry ??= setTimeout(() => {
      this.#retry = null
      // An empty write makes it try what it still holds.
      this.#stream.write(Buffer.alloc(0))
    }, retryMs).unref()
  }

  #works(): void {
    const failure = this.#failure
    this.#failure = null
    if (this.#lost === 0) return
    const lost = this.#lost
    this.#lost = 0
    const why = failure === null ? 'the log was behind' : failure.message
    this.#complain(`${lost} lines of this log were lost: ${why}`)
  }

  #drained(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}

/**
 * Opens a log for appending, 0640. A link in its place is refused: the directory is root's, but it may have been somebody's before.
 *
 * @throws Error
 */
export function openLog(path: string): number {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  return openSync(path, flags, 0o640)
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) count += 1
  return count
}

/** Resolves when everything is written and the file is closed; what cannot be written is given up. */
function released(stream: ByteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on('close', resolve)
    stream.on('error', () => stream.destroy())
    stream.end()
  })
}
