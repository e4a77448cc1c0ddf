// How lines of access logs travel from a router to the supervisor, which alone can open the files: a frame is a log's name and whole
// lines of it. Pure: knows neither the lines' format nor the files.

/** The largest frame that is believed: 64 KiB of header fields escape to less, and a router flushes long before. */
const longestLines = 1024 * 1024
const headLength = 5
const lineFeed = 0x0a
const nothing = Buffer.alloc(0)

/** Lines for one log, as bytes of latin-1: `log` is a group's name, "" is the server's own log. Each line ends in a line feed. */
export type AccessLines = Readonly<{ log: string; lines: Buffer }>

/** So much text is kept before it becomes bytes: each call costs as much as many lines. */
const pieceLength = 2048

/**
 * A frame that is being filled: u32 length of the lines (little-endian), u8 length of the name, name, lines. Lines soon become bytes: as text
 * they hang together from all the pieces they were made of, which the collector would move until the frame leaves.
 */
export class AccessFrame {
  readonly #log: string
  readonly #capacity: number
  /** At most twice as long as what is in it: what many logs hold for a slow disk is not more than it seems. */
  #bytes = nothing
  #end: number
  #text = ''

  /** @param capacity bytes of the whole frame, as long as there is more than one line in it */
  constructor(log: string, capacity: number) {
    this.#log = log
    this.#capacity = capacity
    this.#end = headLength + log.length
  }

  /** @param line latin-1 text. @returns whether there was room for it: the first one has it always */
  append(line: string): boolean {
    const length = this.#text.length + line.length
    const isFirst = this.#bytes === nothing && this.#text === ''
    if (!isFirst && this.#end + length > this.#capacity) return false
    this.#text += line
    if (length >= pieceLength) this.#moveText()
    return true
  }

  /** As it goes on its way: nothing may be appended any more. */
  finish(): Buffer {
    this.#moveText()
    const bytes = this.#bytes
    bytes.writeUInt32LE(this.#end - headLength - this.#log.length, 0)
    bytes.writeUInt8(this.#log.length, headLength - 1)
    bytes.write(this.#log, headLength, 'latin1')
    return bytes.subarray(0, this.#end)
  }

  #moveText(): void {
    const end = this.#end + this.#text.length
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, Math.min(2 * this.#bytes.length, this.#capacity)))
      this.#bytes.copy(larger)
      this.#bytes = larger
    }
    this.#bytes.write(this.#text, this.#end, 'latin1')
    this.#end = end
    this.#text = ''
  }
}

/** Puts frames together again; one per router. */
export class AccessFrameReader {
  /** What has come of a frame that is not complete, and how long that and what follows must be to be worth a look. */
  #parts: Buffer[] = []
  #length = 0
  #wanted = headLength

  /** @returns what is complete now; null when it cannot be a frame of a router's: nothing after it can be read either */
  push(chunk: Buffer): readonly AccessLines[] | null {
    this.#parts.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#wanted) return []
    const input = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#length)
    const frames: AccessLines[] = []
    let start = 0
    this.#wanted = headLength
    while (input.length - start >= headLength) {
      const length = input.readUInt32LE(start)
      const nameEnd = start + headLength + input.readUInt8(start + 4)
      if (length === 0 || length > longestLines) return null
      const end = nameEnd + length
      if (input.length < end) {
        this.#wanted = end - start
        break
      }
      if (input[end - 1] !== lineFeed) return null
      const log = input.toString('latin1', start + headLength, nameEnd)
      frames.push({ log, lines: input.subarray(nameEnd, end) })
      start = end
    }
    this.#parts = start === input.length ? [] : [input.subarray(start)]
    this.#length = input.length - start
    return frames
  }
}
