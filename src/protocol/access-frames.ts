// How lines of access logs travel from a router to the supervisor, which alone can open the files: a frame is a log's name and whole
// lines of it. Pure: knows neither the lines' format nor the files.

/** The largest frame that is believed: 64 KiB of header fields escape to less, and a router flushes long before. */
const longestLines = 1024 * 1024
const headLength = 5
const nothing = Buffer.alloc(0)

/** Lines for one log: `log` is a group's name, "" is the server's own log. Each line ends in a line feed. */
export type AccessLines = Readonly<{ log: string; lines: string }>

/** A frame as latin-1 text: u32 length of the lines (little-endian), u8 length of the name, name, lines. */
export function accessFrame(log: string, lines: string): string {
  const { length } = lines
  return (
    String.fromCharCode(length & 0xff, (length >>> 8) & 0xff, (length >>> 16) & 0xff, length >>> 24, log.length) +
    log +
    lines
  )
}

/** Puts frames together again; one per router. */
export class AccessFrameReader {
  #rest: Buffer = nothing

  /** @returns what is complete now; null when it cannot be a frame of a router's: nothing after it can be read either */
  push(chunk: Buffer): readonly AccessLines[] | null {
    const input = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const frames: AccessLines[] = []
    let start = 0
    while (input.length - start >= headLength) {
      const length = input.readUInt32LE(start)
      const nameEnd = start + headLength + input.readUInt8(start + 4)
      if (length === 0 || length > longestLines) return null
      if (input.length < nameEnd + length) break
      const lines = input.toString('latin1', nameEnd, nameEnd + length)
      if (!lines.endsWith('\n')) return null
      frames.push({ log: input.toString('latin1', start + headLength, nameEnd), lines })
      start = nameEnd + length
    }
    // Most often nothing; a copy would double what the supervisor allocates for each line.
    this.#rest = start === input.length ? nothing : input.subarray(start)
    return frames
  }
}
