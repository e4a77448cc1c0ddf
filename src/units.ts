// The units that cross folder borders, as branded types: a duration cannot be passed where a size is wanted.
// Imports nothing.

declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** A span of time in milliseconds. */
export type Milliseconds = Branded<number, 'Milliseconds'>
/** A size in bytes. */
export type Bytes = Branded<number, 'Bytes'>
/** A numeric user id. */
export type Uid = Branded<number, 'Uid'>
/** A numeric group id. */
export type Gid = Branded<number, 'Gid'>

export const milliseconds = (value: number): Milliseconds => value as Milliseconds
export const bytes = (value: number): Bytes => value as Bytes
export const uid = (value: number): Uid => value as Uid
export const gid = (value: number): Gid => value as Gid
