// Memory that workers' connections read into, and out of which large parts of responses are passed on: a chunk belongs to its connection and to each part that
// a client's connection has not taken yet. When nobody has it any more it is used again, instead of being mapped, touched and collected for each part.
import type { ClientResponse } from './client-message.ts'

/** Two of the longest frames that a worker makes of a response (its LARGEST_DATA), and whatever is between them. */
export const CHUNK = 2 * 262_144 + 8_192
/** Shorter parts would hold much more memory than they need, for as long as a slow client takes. */
const SHORTEST = 131_072
/** Chunks that are kept for the next parts: 4 MiB. */
const MOST_FREE = 8

export type Chunk = { readonly bytes: Buffer; users: number }

const free: Chunk[] = []
const chunks = new WeakMap<ArrayBufferLike, Chunk>()

/** A chunk with one user: the caller. Give it back by leaveChunk. @param length CHUNK, or less for one that is not used again */
export function takeChunk(length: number): Chunk {
  const kept = length === CHUNK ? free.pop() : undefined
  if (kept !== undefined) {
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
  if (chunk.users === 0 && chunk.bytes.length === CHUNK && free.length < MOST_FREE) free.push(chunk)
}

/** Writes a part of what a worker has sent: as it is when it is large and its client is not behind, else a copy. */
export function passOn(taker: Pick<ClientResponse, 'writableLength' | 'write'>, part: Buffer): void {
  const isCopied = part.length < SHORTEST || taker.writableLength > CHUNK
  const chunk = isCopied ? undefined : chunks.get(part.buffer)
  if (chunk === undefined) return void taker.write(Buffer.from(part))
  chunk.users += 1
  taker.write(part, (error) => {
    // After a failure something may still hold it: it is left to the collector.
    if (error === undefined || error === null) leaveChunk(chunk)
  })
}
