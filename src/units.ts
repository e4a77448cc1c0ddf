// The units that cross folder borders, as branded types: a duration cannot be passed where a size is wanted.
// Imports nothing.

declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** A span of time in milliseconds. */
export type Milliseconds = Branded<number, 'Milliseconds'>
/** A point on the monotonic clock, in milliseconds since an arbitrary origin of this process. */
export type Instant = Branded<number, 'Instant'>
/** A size in bytes. */
export type Bytes = Branded<number, 'Bytes'>
/** A numeric user id. */
export type Uid = Branded<number, 'Uid'>
/** A numeric group id. */
export type Gid = Branded<number, 'Gid'>

export const milliseconds = (value: number): Milliseconds => value as Milliseconds
export const instant = (value: number): Instant => value as Instant
export const bytes = (value: number): Bytes => value as Bytes
export const uid = (value: number): Uid => value as Uid
export const gid = (value: number): Gid => value as Gid
