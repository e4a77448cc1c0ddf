import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { HesitantClient } from '../../test/support/hesitant-client.ts'
import { frameHeader, FromWorkerKind } from '../protocol/frames.ts'
import { CHUNK, leaveChunk, passOn, takeChunk } from './chunk-pool.ts'
import { InputBuffer } from './input-buffer.ts'

/** A frame of so many bytes, all of them its number. */
const frame = (length: number, number: number): Buffer =>
  Buffer.concat([Buffer.from(frameHeader(FromWorkerKind.data, 1, length), 'latin1'), Buffer.alloc(length, number)])

type Reading = Readonly<{ longest?: number; afterRead?: () => void }>

/** Reads all of `stream` in pieces of at most `longest` bytes, as a socket does into the room that there is. */
function readInto(
  input: InputBuffer,
  stream: Buffer,
  taker: HesitantClient,
  { longest = Infinity, afterRead }: Reading = {},
): void {
  for (let position = 0; position < stream.length;) {
    const room = input.room()
    const length = Math.min(room.length, longest, stream.length - position)
    expect(length).toBeGreaterThan(0)
    stream.copy(room, 0, position, position + length)
    position += length
    input.received(length, {
      frame: (_kind, _id, bytes, { start, end }) => passOn(taker, bytes.subarray(start, end)),
    })
    afterRead?.()
  }
}

const lengths = fc.array(fc.constantFrom(0, 1, 3_000, 65_536, 131_072, 200_000, 262_144, 500_000), { maxLength: 12 })

test('what is passed on stays as it came for as long as clients do not take it, however it is read', () => {
  const cases = fc.property(lengths, fc.integer({ min: 9_000, max: 600_000 }), fc.nat(3), (sizes, longest, takes) => {
    const taker = new HesitantClient()
    const taken: Buffer[] = []
    const afterRead = (): void => {
      for (let count = 0; count < takes && !taker.isEmpty; count += 1) taken.push(taker.take())
    }
    readInto(new InputBuffer(), Buffer.concat(sizes.map(frame)), taker, { longest, afterRead })
    while (!taker.isEmpty) taken.push(taker.take())
    expect(taken.map(({ length }) => length)).toEqual(sizes)
    expect(taken.every((part, number) => part.equals(Buffer.alloc(part.length, number)))).toBe(true)
  })
  fc.assert(cases, { numRuns: 60 })
})

test('memory is used again when client and connection have done with it, and not before', () => {
  const chunk = takeChunk(CHUNK)
  const taker = new HesitantClient()
  passOn(taker, chunk.bytes.subarray(0, 200_000))
  leaveChunk(chunk)
  expect(takeChunk(CHUNK)).not.toBe(chunk)
  taker.take()
  expect(takeChunk(CHUNK)).toBe(chunk)
})

test('memory that a write failed with is never used again: something may still hold it', () => {
  const chunk = takeChunk(CHUNK)
  const taker = new HesitantClient()
  passOn(taker, chunk.bytes.subarray(0, 200_000))
  leaveChunk(chunk)
  taker.take(new Error('the client has gone'))
  expect(takeChunk(CHUNK)).not.toBe(chunk)
})

test('short parts and those of a client that is behind are copied: they do not hold the memory around them', () => {
  const chunk = takeChunk(CHUNK)
  const taker = new HesitantClient()
  passOn(taker, chunk.bytes.subarray(0, 100_000))
  for (let held = 0; held <= CHUNK; held += 262_144) passOn(taker, Buffer.alloc(262_144))
  passOn(taker, chunk.bytes.subarray(0, 262_144))
  expect(chunk.users).toBe(1)
})

test('memory of a connection that has ended is used again when clients have taken what lay in it', () => {
  const input = new InputBuffer()
  const { buffer } = input.room()
  const taker = new HesitantClient()
  readInto(input, frame(200_000, 1), taker)
  const large = input.room().buffer
  input.close()
  expect(takeChunk(65_536).bytes.buffer).toBe(buffer)
  expect(takeChunk(CHUNK).bytes.buffer).not.toBe(large)
  taker.takeAll()
  expect(takeChunk(CHUNK).bytes.buffer).toBe(large)
})
