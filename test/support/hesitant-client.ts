// A client's connection that keeps what it is given until it is told to take it.

type Taken = (error?: Error | null) => void

export class HesitantClient {
  writableLength: number
  /** In which the parts lay that it was given. */
  readonly buffers = new Set<ArrayBufferLike>()
  readonly #waiting: { part: Buffer; taken: Taken | undefined }[] = []

  /** @param behind bytes that it has not taken of what came before */
  constructor(behind = 0) {
    this.writableLength = behind
  }

  write(part: unknown, taken?: unknown): boolean {
    if (!Buffer.isBuffer(part)) throw new TypeError('not a Buffer')
    this.writableLength += part.length
    this.buffers.add(part.buffer)
    this.#waiting.push({ part, taken: typeof taken === 'function' ? (taken as Taken) : undefined })
    return false
  }

  /** The oldest part as it is now, copied; then it is taken. */
  take(error?: Error): Buffer {
    const first = this.#waiting.shift()
    if (first === undefined) return Buffer.alloc(0)
    const content = Buffer.from(first.part)
    this.writableLength -= first.part.length
    first.taken?.(error ?? null)
    return content
  }

  takeAll(): void {
    while (!this.isEmpty) this.take()
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }
}
