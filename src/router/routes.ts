// Which application answers a request: host (exact, wildcard, any), then the longest mount on a segment boundary, then the first
// expression that matches, then what is mounted at the root.
// O(1) in the number of groups for hosts and mounts: hash look-ups only, as many as a path has segments below the deepest mount. Expressions
// are tried one after the other.
import { MatchList, type Captures } from './match-list.ts'

/** What a route leads to; the table does not look inside. With `match`, an expression, `mount` says nothing. No hosts: any, as "*". */
export type Route<Target> = Readonly<{ hosts: readonly string[]; mount: string; match: string | null; target: Target }>

/**
 * A target and where the path splits: `path.slice(0, split)` is SCRIPT_NAME, the rest PATH_INFO. `captures` are those of an
 * expression.
 */
export type Match<Target> = Readonly<{ target: Target; split: number; captures: Captures | null }>

/** Routes in the form that requests look them up. */
export class RouteTable<Target> {
  readonly #exact = new Map<string, MountTable<Target>>()
  readonly #wildcard = new Map<string, MountTable<Target>>()
  readonly #any = new MountTable<Target>()

  /**
   * @param routes unique by host and mount (the plan guarantees it); mounts "" or "/a/b", hosts in lower case; expressions in the order in
   *               which they are to be tried
   */
  constructor(routes: Iterable<Route<Target>>) {
    for (const route of routes) {
      if (route.hosts.length === 0) this.#any.add(route)
      for (const host of route.hosts) {
        if (host === '*') this.#any.add(route)
        else if (host.startsWith('*.')) tableOf(this.#wildcard, host.slice(1)).add(route)
        else tableOf(this.#exact, host).add(route)
      }
    }
  }

  /**
   * @param host lower case, without port; "" when the client named none
   * @param path decoded and normalised, begins with "/"
   * @returns undefined when nothing is mounted there, or an expression matches whose captures must not be
   */
  find(host: string, path: string): Match<Target> | undefined {
    return this.#find(host, path) ?? undefined
  }

  #find(host: string, path: string): Found<Target> {
    if (this.#exact.size > 0) {
      const found = this.#exact.get(host)?.find(path)
      if (found !== undefined) return found
    }
    if (this.#wildcard.size > 0) {
      // "*.example.org" matches a.example.org and a.b.example.org, the more specific pattern first.
      for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        const found = this.#wildcard.get(host.slice(dot))?.find(path)
        if (found !== undefined) return found
      }
    }
    return this.#any.find(path)
  }
}

/** null: the request is not to be answered by anybody else either. */
type Found<Target> = Match<Target> | null | undefined

/** The mounts and expressions of one host. */
class MountTable<Target> {
  readonly #targets = new Map<string, Target>()
  readonly #matches = new MatchList<Target>()
  #root: Target | undefined
  #deepest = 0

  add({ mount, match, target }: Route<Target>): void {
    if (match !== null) this.#matches.add(match, target)
    else if (mount === '') this.#root = target
    else this.#targets.set(mount, target)
    this.#deepest = Math.max(this.#deepest, mount.length)
  }

  find(path: string): Found<Target> {
    const mounted = this.#deepest === 0 ? undefined : this.#mountedAt(path)
    if (mounted !== undefined) return mounted
    const matched = this.#matches.isEmpty ? undefined : this.#matches.find(path)
    if (matched !== undefined) return matched
    return this.#root === undefined ? undefined : { target: this.#root, split: 0, captures: null }
  }

  /** The longest mount that is the whole path or ends where a segment of it ends ("/trac" is not in "/tracker"). */
  #mountedAt(path: string): Match<Target> | undefined {
    let split = path.length
    if (split > this.#deepest) {
      // No mount reaches beyond the deepest one: start at the last segment border there.
      split = path.charCodeAt(this.#deepest) === SLASH ? this.#deepest : path.lastIndexOf('/', this.#deepest)
    }
    while (split > 0) {
      const target = this.#targets.get(path.slice(0, split))
      if (target !== undefined) return { target, split, captures: null }
      split = path.lastIndexOf('/', split - 1)
    }
    return undefined
  }
}

const SLASH = 47

function tableOf<Target>(tables: Map<string, MountTable<Target>>, host: string): MountTable<Target> {
  const known = tables.get(host)
  if (known) return known
  const made = new MountTable<Target>()
  tables.set(host, made)
  return made
}
