// Memory that workers' connections read into, and out of which parts of responses are passed on: a chunk belongs to its connection and to each part that a
// client's connection has not taken yet. When nobody has it any more it is used again, instead of being mapped, touched and collected for each part: the
// collector looks after buffers only when there are 64 MiB of them.
import type { ClientResponse } from './client-message.ts'

/** Two of the longest frames that a worker makes of a response (its LARGEST_DATA), and whatever is between them. */
export const CHUNK = 2 * 262_144 + 8_192
/** Shorter parts would hold much more of a CHUNK than they need, for as long as a slow client takes: they are copied. */
const SHORTEST_SHARED = 131_072
/** What such copies are made into, the shortest that is long enough; the shortest parts are not worth even that. */
const COPIES = [32_768, 65_536, 131_072, 262_144]
const SHORTEST_KEPT = 16_384
/** So many bytes are kept for the next parts: what one response holds by the default response-buffer-size, be each copy half empty, and the credit on top. */
const MOST_FREE = 20 * 1024 * 1024

export type Chunk = { readonly bytes: Buffer; users: number }

const free: ReadonlyMap<number, Chunk[]> = new Map([...COPIES, CHUNK].map((length) => [length, []]))
let freeBytes = 0
const chunks = new WeakMap<ArrayBufferLike, Chunk>()

/** A chunk with one user: the caller. Give it back by leaveChunk. @param length CHUNK or one of COPIES; one of another length is not used again */
export function takeChunk(length: number): Chunk {
  const kept = free.get(length)?.pop()
  if (kept !== undefined) {
    freeBytes -= length
    kept.users = 1
    return kept
  }
  const chunk = { bytes: Buffer.allocUnsafeSlow(length), users: 1 }
  chunks.set(chunk.bytes.buffer, chunk)
  return chunk
}

/** One user has done with it. */
export function leaveChunk(chunk: Chunk): void {
  chunk.users -= 1
  const { length } = chunk.bytes
  const list = free.get(length)
  if (chunk.users > 0 || list === undefined) return
  list.push(chunk)
  freeBytes += length
  while (freeBytes > MOST_FREE) freeBytes -= forgetOne()
}

/** Leaves one of those that there are most bytes of to the collector: what was asked for once makes room for what is asked for now. */
function forgetOne(): number {
  let most: readonly [bytes: number, length: number] = [0, CHUNK]
  for (const [length, { length: count }] of free) if (length * count > most[0]) most = [length * count, length]
  free.get(most[1])?.pop()
  return most[1]
}

/** Writes a part of what a worker has sent: as it is when it is large and its client is not behind, else a copy. */
export function passOn(taker: Pick<ClientResponse, 'writableLength' | 'write'>, part: Buffer): void {
  if (part.length < SHORTEST_KEPT) return void taker.write(Buffer.from(part))
  const isShared = part.length >= SHORTEST_SHARED && taker.writableLength <= CHUNK
  const [chunk, bytes] = (isShared ? share(part) : undefined) ?? copy(part)
  taker.write(bytes, (error) => {
    // After a failure something may still hold it: it is left to the collector.
    if (error === undefined || error === null) leaveChunk(chunk)
  })
}

type Held = readonly [Chunk, Buffer]

function share(part: Buffer): Held | undefined {
  const chunk = chunks.get(part.buffer)
  if (chunk === undefined) return undefined
  chunk.users += 1
  return [chunk, part]
}

function copy(part: Buffer): Held {
  const chunk = takeChunk(COPIES.find((length) => length >= part.length) ?? part.length)
  return [chunk, chunk.bytes.subarray(0, part.copy(chunk.bytes))]
}
