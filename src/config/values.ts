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

/** A size of at least `least`, or 0. */
export const sizeOrZero = (least: Bytes) =>
  parsed(z.union([z.number(), z.string()]), (written) => {
    const read = parseSize(written)
    return read === 0 ? read : atLeast(least, read)
  })

/** Text that can be a path: not empty, without NUL. */
export const path = z.string().regex(/^[^\0]+$/)

/** Paths as a list, or as one text separated by colons; a list either way. */
export const pathList = z.union([
  z.array(path),
  parsed(z.string().regex(/^[^\0]+$/), (written) => {
    const paths = written.split(':')
    return paths.includes('') ? undefined : paths
  }),
])

/** A path or a list of them; a list either way. */
export const listOfPaths = z.union([path.transform((only) => [only]), z.array(path)])

/** The name of a locale: de_DE.UTF-8, C.UTF-8, sr_RS@latin. */
export const localeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/)

/** Permission bits in octal digits, with or without quotes: YAML 1.2 has no octal numbers of the form 0027, and reads 27. */
export const fileModeMask = parsed(z.union([z.int(), z.string()]), (written) => {
  const [, digits] = /^(?:0o)?([0-7]{1,4})$/.exec(String(written)) ?? []
  const mask = digits === undefined ? undefined : Number.parseInt(digits, 8)
  return mask !== undefined && mask <= 0o777 ? mask : undefined
})

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
