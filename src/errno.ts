// What a failed call of Node says by its `code`: errno's name of a system call, or Node's own, such as ERR_MISSING_PASSPHRASE.
// Imports nothing.

/** The code of an error; undefined: it has none. Errors of another realm, as jest's, count. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** The code of a call that failed; anything else is a surprise and thrown on. */
export function errnoOf(error: unknown): string {
  const code = codeOf(error)
  if (code === undefined) throw error
  return code
}
