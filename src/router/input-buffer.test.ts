import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { frameHeader, FromWorkerKind } from '../protocol/frames.ts'
import { CHUNK, leaveChunk, passOn, takeChunk } from './chunk-pool.ts'
import { InputBuffer } from './input-buffer.ts'

type Taken = (error?: Error | null) => void

/** A client's connection that keeps what it is given until it is told to take it. */
class SlowTaker {
  writableLength = 0
  readonly #waiting: { part: Buffer; taken: Taken | undefined }[] = []

  write(part: unknown, taken?: unknown): boolean {
    if (!Buffer.isBuffer(part)) throw new TypeError('not a Buffer')
    this.writableLength += part.length
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

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }
}

/** A frame of so many bytes, all of them its number. */
const frame = (length: number, number: number): Buffer =>
  Buffer.concat([Buffer.from(frameHeader(FromWorkerKind.data, 1, length), 'latin1'), Buffer.alloc(length, number)])

/** Reads all of `stream` in pieces of at most `longest` bytes, as a socket does into the room that there is. */
function readAll(stream: Buffer, longest: number, taker: SlowTaker, afterRead: () => void): void {
  const input = new InputBuffer()
  for (let position = 0; position < stream.length;) {
    const room = input.room()
    const length = Math.min(room.length, longest, stream.length - position)
    expect(length).toBeGreaterThan(0)
    stream.copy(room, 0, position, position + length)
    position += length
    input.received(length, {
      frame: (_kind, _id, bytes, { start, end }) => passOn(taker, bytes.subarray(start, end)),
    })
    afterRead()
  }
}

const lengths = fc.array(fc.constantFrom(0, 1, 3_000, 65_536, 131_072, 200_000, 262_144, 500_000), { maxLength: 12 })

test('what is passed on stays as it came for as long as clients do not take it, however it is read', () => {
  const cases = fc.property(lengths, fc.integer({ min: 9_000, max: 600_000 }), fc.nat(3), (sizes, longest, takes) => {
    const taker = new SlowTaker()
    const taken: Buffer[] = []
    readAll(Buffer.concat(sizes.map(frame)), longest, taker, () => {
      for (let count = 0; count < takes && !taker.isEmpty; count += 1) taken.push(taker.take())
    })
    while (!taker.isEmpty) taken.push(taker.take())
    expect(taken.map(({ length }) => length)).toEqual(sizes)
    expect(taken.every((part, number) => part.equals(Buffer.alloc(part.length, number)))).toBe(true)
  })
  fc.assert(cases, { numRuns: 60 })
})

test('memory is used again when client and connection have done with it, and not before', () => {
  const chunk = takeChunk(CHUNK)
  const taker = new SlowTaker()
  passOn(taker, chunk.bytes.subarray(0, 200_000))
  leaveChunk(chunk)
  expect(takeChunk(CHUNK)).not.toBe(chunk)
  taker.take()
  expect(takeChunk(CHUNK)).toBe(chunk)
})

test('memory that a write failed with is never used again: something may still hold it', () => {
  const chunk = takeChunk(CHUNK)
  const taker = new SlowTaker()
  passOn(taker, chunk.bytes.subarray(0, 200_000))
  leaveChunk(chunk)
  taker.take(new Error('the client has gone'))
  expect(takeChunk(CHUNK)).not.toBe(chunk)
})

test('short parts and those of a client that is behind are copied: they do not hold the memory around them', () => {
  const chunk = takeChunk(CHUNK)
  const taker = new SlowTaker()
  passOn(taker, chunk.bytes.subarray(0, 100_000))
  for (let held = 0; held <= CHUNK; held += 262_144) passOn(taker, Buffer.alloc(262_144))
  passOn(taker, chunk.bytes.subarray(0, 262_144))
  expect(chunk.users).toBe(1)
})
