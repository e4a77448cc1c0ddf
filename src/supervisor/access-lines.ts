// Takes the lines of access logs off the routers and writes them: the files are root's, a router could not open them (docs/decisions/0011).
import type { Readable } from 'node:stream'
import type { Logs } from '../observe/logs.ts'
import { AccessFrameReader, type AccessLines as Lines } from '../protocol/access-frames.ts'

/** A router that has ended may have left so much that a slow disk takes this long, milliseconds. */
const patienceMs = 2000

type World = Readonly<{ logs: Logs; knows: (group: string) => boolean }>

export class AccessLines {
  readonly #world: World
  readonly #open = new Set<Promise<void>>()

  constructor(world: World) {
    this.#world = world
  }

  /** Writes what a router sends until it ends. @param faulty it sent something else */
  follow(stream: Readable, faulty: () => void): void {
    const reader = new AccessFrameReader()
    stream.on('data', (chunk: Buffer) => {
      const frames = reader.push(chunk)
      if (frames === null) {
        stream.destroy()
        return faulty()
      }
      // Each log is asked, also when one is behind already.
      const behind = frames.map((frame) => this.#write(frame)).find((log) => log !== null)
      if (behind === undefined) return
      stream.pause()
      behind.whenDrained(() => stream.resume())
    })
    const ended = new Promise<void>((resolve) => stream.on('close', resolve))
    stream.on('error', () => stream.destroy())
    this.#open.add(ended)
    void ended.then(() => this.#open.delete(ended))
  }

  /** Resolves when all that the routers have sent before they ended is on its way to the files. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)))
    await Promise.race([Promise.all(this.#open), tooLate])
    clearTimeout(timer)
  }

  /** @returns the log, if it is behind. A name that is nobody's is not made a file of: the lines are the server's. */
  #write({ log, lines }: Lines) {
    const { logs, knows } = this.#world
    const file = logs.access(log !== '' && knows(log) ? log : null)
    return file.append(lines) ? null : file
  }
}
