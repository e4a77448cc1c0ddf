// What messages and documentation say of the kinds of values that many options share.

export const aPath = { expects: 'a path; a relative one starts at the directory of the file it stands in' } as const
export const anAccount = { expects: 'an account name or a uid' } as const
export const aGroup = { expects: 'a group name or a gid' } as const

const duration = 'such as 30 (seconds), 500ms, 5s, 2m, 1h or 1d, at most 24d'
/** A duration that may be 0. */
export const aDuration = { expects: `a duration ${duration}`, unit: 'seconds' } as const
export const aPositiveDuration = { expects: `a duration above 0 ${duration}`, unit: 'seconds' } as const

export const aSize = { expects: 'a size such as 1048576 (bytes), 64KiB, 10MiB or 1GiB', unit: 'bytes' } as const
