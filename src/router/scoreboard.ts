// Reads what a worker that is gone had begun.
import { closeSync, openSync, readSync } from 'node:fs'
import { lastBegunOf, SCOREBOARD_PLACE, type ScoreboardPlace } from '../protocol/scoreboard.ts'

/** `lastBegun`: number of the request that was begun last; undefined: not known, and `fault` says why. */
export type ScoreboardReading = Readonly<{ lastBegun: number | undefined; fault: string }>

/** The place of a worker that has none. */
export const NOWHERE: ScoreboardPlace = { offset: 0, serial: 0 }
/** Nobody needs to know. */
export const UNREAD: ScoreboardReading = { lastBegun: undefined, fault: '' }

/** Reads the place of one connection. Never throws: what cannot be read says so. */
export function readScoreboard(path: string | null, { offset, serial }: ScoreboardPlace): ScoreboardReading {
  if (path === null || offset === 0) return { lastBegun: undefined, fault: 'the worker has no scoreboard' }
  try {
    const lastBegun = lastBegunOf(readAt(path, offset), serial)
    return { lastBegun, fault: lastBegun === undefined ? 'its place on the scoreboard is taken' : '' }
  } catch (error) {
    return { lastBegun: undefined, fault: error instanceof Error ? error.message : String(error) }
  }
}

function readAt(path: string, offset: number): Buffer {
  const bytes = Buffer.alloc(SCOREBOARD_PLACE)
  const descriptor = openSync(path, 'r')
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset))
  } finally {
    closeSync(descriptor)
  }
}
