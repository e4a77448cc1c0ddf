// The expressions of one host (`match`), tried in order on a decoded path, and what their captures may be.
import { setFlagsFromString } from 'node:v8'

/** Text by the capture's name. */
export type Captures = Readonly<Record<string, string>>

type Found<Target> = Readonly<{ target: Target; split: number; captures: Captures }>

// V8 backtracks, and an expression can make that take years on a path that a client has chosen. With this it gives up after a millisecond or so
// and starts anew with an engine whose time is linear; that one knows neither look-around nor back-references.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
setFlagsFromString('--regexp-backtracks-before-fallback=20000')

/** Longest path that is looked at, as long as Apache's LimitRequestLine. */
const LONGEST_PATH = 8190

export class MatchList<Target> {
  readonly #entries: { readonly expression: RegExp; readonly target: Target }[] = []

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** @param match begins with "^/" and is valid: the plan guarantees it */
  add(match: string, target: Target): void {
    this.#entries.push({ expression: new RegExp(match), target })
  }

  /**
   * The first expression that matches the path from its beginning to the end of a segment. A slash at the end of what it matches belongs to
   * PATH_INFO.
   *
   * @returns undefined when none does; null when one does whose captures must not be: empty, ".", "..", or with "/", "\" or NUL
   */
  find(path: string): Found<Target> | null | undefined {
    if (path.length > LONGEST_PATH) return undefined
    for (const { expression, target } of this.#entries) {
      const found = expression.exec(path)
      if (found?.index !== 0) continue
      const [matched] = found
      const split = matched.endsWith('/') ? matched.length - 1 : matched.length
      if (split < path.length && path.charCodeAt(split) !== SLASH) continue
      const captures = found.groups ?? NO_CAPTURES
      return isHarmless(captures) ? { target, split, captures } : null
    }
    return undefined
  }
}

const SLASH = 47
const NO_CAPTURES: Captures = {}
const HARMFUL = /^\.{0,2}$|[/\\\0]/

/** They become names of files and groups. One that took no part in the match is as good as empty. */
function isHarmless(captures: Readonly<Record<string, string | undefined>>): boolean {
  for (const name in captures) if (HARMFUL.test(captures[name] ?? '')) return false
  return true
}
