// Cuts a stream of bytes into lines with bounded memory. Pure.

/** No line is longer; the rest of a longer one follows as further lines. */
export const longestLine = 8192

/** Collects chunks; one per stream. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0)

  /** @returns the lines that are complete now, without their line feeds, decoded as UTF-8 (what is not becomes U+FFFD) */
  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let text = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const end = text.indexOf(0x0a)
      if (end !== -1 && end <= longestLine) {
        lines.push(decode(text.subarray(0, end)))
        text = text.subarray(end + 1)
      } else if (text.length > longestLine) {
        const cut = characterBoundary(text, longestLine)
        lines.push(decode(text.subarray(0, cut)))
        text = text.subarray(cut)
      } else {
        // A copy: the view would keep the whole chunk alive.
        this.#rest = Buffer.from(text)
        return lines
      }
    }
  }

  /** @returns what stands after the last line feed, null when nothing does */
  end(): string | null {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest.length === 0 ? null : decode(rest)
  }
}

/** A CR before the line feed belongs to it. */
function decode(line: Buffer): string {
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length
  return line.toString('utf8', 0, end)
}

/** The last place at or before `limit` where no UTF-8 character (of at most 4 bytes) is cut. */
function characterBoundary(text: Buffer, limit: number): number {
  for (let cut = limit; cut > limit - 4; cut -= 1) {
    if (((text[cut] ?? 0) & 0xc0) !== 0x80) return cut
  }
  return limit
}
