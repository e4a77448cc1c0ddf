// The scoreboard of a group, as bytes: what its workers have begun (docs/protocol.md, "The scoreboard"). Knows no file.

/** Bytes that each slot has in the file. */
export const SCOREBOARD_SLOT = 1_024
/** Bytes of a connection's place. */
export const SCOREBOARD_PLACE = 8

/** Where the record of a connection lies, in bytes from the start of the file (0: it has none), and the number by which it is known. */
export type ScoreboardPlace = Readonly<{ offset: number; serial: number }>

/**
 * Reads a place.
 *
 * @param bytes SCOREBOARD_PLACE of them, or fewer if the file has no more
 * @returns the id of the request that was begun last, 0 = none; undefined when the place is not, or no longer, that connection's
 */
export function lastBegunOf(bytes: Buffer, serial: number): number | undefined {
  if (bytes.length < SCOREBOARD_PLACE || bytes.readUInt32LE(0) !== serial) return undefined
  return bytes.readUInt32LE(4)
}

/** Whether a request was begun, or may be, if `lastBegun` was: ids ascend, and begin anew after 2³². `lastBegun` 0: none was. */
export function isBegun(id: number, lastBegun: number): boolean {
  return lastBegun !== 0 && (lastBegun - id) >>> 0 < 0x8000_0000
}
