// The kinds of values that options have, as zod schemas: whole numbers, durations, sizes, names, maps of text.
// Knows no option by name.
import { z } from 'zod'
import type { Bytes, Milliseconds } from '../units.ts'
import { parseDuration, parseSize } from './quantities.ts'

/** A whole number between two bounds, both included. */
export const wholeNumber = (least: number, most: number) => z.int().min(least).max(most)

/** A duration of at least `least`; a number counts seconds. */
export const duration = (least: Milliseconds) =>
  parsed(z.union([z.number(), z.string()]), (written) => atLeast(least, parseDuration(written)))

/** A size of at least `least`; a number counts bytes. */
export const size = (least: Bytes) =>
  parsed(z.union([z.number(), z.string()]), (written) => atLeast(least, parseSize(written)))

/** Text that can be a path: not empty, without NUL. */
export const path = z.string().regex(/^[^\0]+$/)

/** The name of an account or group, or its number; as text either way. */
export const account = z
  .union([z.int().min(0).max(4_294_967_294), z.string().regex(/^[^\0-\x20:/,-][^\0-\x20:/,]{0,255}$/)])
  .transform(String)

/** A map of text; numbers and booleans are let through here and become text as the file writes them. */
export const textMap = (key: RegExp) =>
  z.record(z.string().regex(key), z.union([z.string().regex(/^[^\0]*$/), z.number(), z.boolean()]))

/** One of something, or a list of at least one; a list either way. */
export const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.union([item.transform((only) => [only]), z.array(item).min(1)])

/**
 * Input that a parser turns into a value of its own type.
 *
 * @param parse undefined for what it does not take: an "invalid value" of the option
 */
export function parsed<Input, Value>(input: z.ZodType<Input>, parse: (written: Input) => Value | undefined) {
  return input.transform((written, context) => {
    const value = parse(written)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', input: written })
    return z.NEVER
  })
}

function atLeast<Quantity extends number>(least: Quantity, quantity: Quantity | undefined): Quantity | undefined {
  return quantity !== undefined && quantity >= least ? quantity : undefined
}
