// What was read of uploads becomes garbage at once, but V8 collects its young generation by what JavaScript has allocated, and looks at the buffers beside it only
// when there are 32 MiB of them. A router's memory shall not grow so far: docs/decisions/0022-collect-after-uploads.md.

/** Bytes of bodies from one collection of the young generation to the next, at most. */
const MOST_BETWEEN = 16 * 1024 * 1024

let since = 0

/** So many bytes of a body were read from a client. */
export function countRead(length: number): void {
  since += length
  if (since < MOST_BETWEEN) return
  since = 0
  // Only routers are started with it (launch/argv.ts).
  globalThis.gc?.({ type: 'minor' })
}
