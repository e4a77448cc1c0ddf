// Durations and sizes as people write them, turned into branded numbers once, here.
// Knows nothing of options, files or positions: the caller says where a bad one stands.
import { bytes, milliseconds, type Bytes, type Milliseconds } from '../units.ts'

const millisecondsPer = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

const bytesPer = new Map([
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
])

/** The longest duration that an option takes: Node's timers end at 2³¹ − 1 ms, and fire at once beyond it. */
export const longestDuration = milliseconds(24 * 86_400_000)

/**
 * Reads a duration.
 *
 * @param written a number of seconds, or text such as "500ms", "5s", "2m", "1h", "1d" or "30" (seconds); fractions allowed
 * @returns whole milliseconds (rounded), or undefined when it is not a duration, negative, or longer than 24 days
 */
export function parseDuration(written: number | string): Milliseconds | undefined {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(String(written)) ?? []
  const factor = millisecondsPer.get(unit)
  if (amount === undefined || factor === undefined) return undefined
  const duration = Math.round(Number(amount) * factor)
  return duration <= longestDuration ? milliseconds(duration) : undefined
}

/**
 * Reads a size.
 *
 * @param written a whole number of bytes, or text such as "65536", "64KiB", "10MiB", "1GiB"
 * @returns bytes, or undefined when it is not a size, negative, or above what a number holds exactly (8 PiB)
 */
export function parseSize(written: number | string): Bytes | undefined {
  const [, amount, unit] = /^(\d+)(KiB|MiB|GiB)?$/.exec(String(written)) ?? []
  const factor = unit === undefined ? 1 : bytesPer.get(unit)
  if (amount === undefined || factor === undefined) return undefined
  const size = Number(amount) * factor
  return Number.isSafeInteger(size) ? bytes(size) : undefined
}
