// How paths are compared and put together. Knows nothing of what lies there.

/** A path without the slashes at its end; of the root directory nothing is left, so that "/" and a name can follow. */
export const withoutSlash = (path: string): string => path.replace(/\/+$/, '')
