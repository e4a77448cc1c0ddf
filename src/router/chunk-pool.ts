// Copies of what workers send, for node:http to pass on: the input buffer of a worker's connection is needed again at once. Memory for
// large parts is used again as soon as the client's connection has taken it, instead of being mapped, touched and collected for each.

/** No part is much longer: the worker's LARGEST_DATA (docs/protocol.md). */
const CHUNK = 262_144
/** Shorter ones would hold much more memory than they need, for as long as a slow client takes. */
const SHORTEST = CHUNK / 2
/** Chunks that are kept for the next parts: 4 MiB. */
const MOST_FREE = 16

const free: Buffer[] = []

type Taker = { write(chunk: Buffer, taken?: (error?: Error | null) => void): boolean }

/** Writes a copy of `part`. */
export function writeCopy(taker: Taker, part: Buffer): void {
  if (part.length < SHORTEST || part.length > CHUNK) return void taker.write(Buffer.from(part))
  const chunk = free.pop() ?? Buffer.allocUnsafeSlow(CHUNK)
  part.copy(chunk)
  taker.write(chunk.subarray(0, part.length), (error) => {
    // After a failure something may still hold it: it is left to the collector.
    if (error === undefined || error === null) release(chunk)
  })
}

function release(chunk: Buffer): void {
  if (free.length < MOST_FREE) free.push(chunk)
}
