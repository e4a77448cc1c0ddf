// The regular expression of a `match`: which it may be, and which names its captures have. Knows no other route.

/** Longest expression; those of people have some dozens of characters. */
const LONGEST = 1000

/**
 * Reads a `match`.
 *
 * @param written a JavaScript regular expression (as PCRE for all that routes need) in printable ASCII, which begins with "^/"
 * @returns the text, or undefined
 */
export function parseMatch(written: string): string | undefined {
  if (written.length > LONGEST || !/^\^\/[\x20-\x7e]*$/.test(written)) return undefined
  try {
    new RegExp(written)
    return written
  } catch {
    return undefined
  }
}

/** The names of its captures. */
export function capturesOf(match: string): readonly string[] {
  // With an empty alternative it matches anything, and what it matched names all captures.
  return Object.keys(new RegExp(`${match}|`).exec('')?.groups ?? {})
}
