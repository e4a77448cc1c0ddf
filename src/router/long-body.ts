// Which bodies are read past the parser: it has nothing to find in one whose length is known, and would copy each part of it.
import type { ParsedHead } from './http-parser.ts'

/** Shorter ones are not worth it. */
const LONG = 262_144

/** @returns bytes; 0 for a body that the parser must read, or that may as well be read by it */
export function lengthOfLongBody({ method, fields }: ParsedHead): number {
  // Those are many, and have none.
  if (method === 'GET') return 0
  let length = 0
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index]?.toLowerCase()
    if (name === 'transfer-encoding') return 0
    // The parser has seen to it that it is a number and the only one.
    if (name === 'content-length') length = Number(fields[index + 1])
  }
  return length > LONG && Number.isSafeInteger(length) ? length : 0
}
