// How often a command looks, from its option --interval.
import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../config/quantities.ts'

const leastMs = 100

/** @returns milliseconds @throws InvalidArgumentError */
export function intervalOf(text: string): number {
  const duration = parseDuration(text)
  if (duration !== undefined && duration >= leastMs) return duration
  throw new InvalidArgumentError(`Give a duration of at least ${leastMs}ms, such as 2s.`)
}
