// Which application answers a request: host (exact, wildcard, any), then the longest mount on a segment boundary.
// O(1) in the number of groups: hash look-ups only, as many as a path has segments below the deepest mount.

/** What a route leads to; the table does not look inside. */
export type Route<Target> = Readonly<{ hosts: readonly string[]; mount: string; target: Target }>

/** A target and where the path splits: `path.slice(0, split)` is SCRIPT_NAME, the rest PATH_INFO. */
export type Match<Target> = Readonly<{ target: Target; split: number }>

/** Routes in the form that requests look them up. */
export class RouteTable<Target> {
  readonly #exact = new Map<string, MountTable<Target>>()
  readonly #wildcard = new Map<string, MountTable<Target>>()
  readonly #any = new MountTable<Target>()

  /** @param routes unique by host and mount (the plan guarantees it); mounts "" or "/a/b", hosts in lower case */
  constructor(routes: Iterable<Route<Target>>) {
    for (const route of routes) {
      if (route.hosts.length === 0) this.#any.add(route.mount, route.target)
      for (const host of route.hosts) {
        if (host.startsWith('*.')) tableOf(this.#wildcard, host.slice(1)).add(route.mount, route.target)
        else tableOf(this.#exact, host).add(route.mount, route.target)
      }
    }
  }

  /**
   * @param host lower case, without port; "" when the client named none
   * @param path decoded and normalised, begins with "/"
   * @returns undefined when nothing is mounted there
   */
  find(host: string, path: string): Match<Target> | undefined {
    if (this.#exact.size > 0) {
      const found = this.#exact.get(host)?.find(path)
      if (found) return found
    }
    if (this.#wildcard.size > 0) {
      // "*.example.org" matches a.example.org and a.b.example.org, the more specific pattern first.
      for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        const found = this.#wildcard.get(host.slice(dot))?.find(path)
        if (found) return found
      }
    }
    return this.#any.find(path)
  }
}

/** The mounts of one host. */
class MountTable<Target> {
  readonly #targets = new Map<string, Target>()
  #deepest = 0

  add(mount: string, target: Target): void {
    this.#targets.set(mount, target)
    this.#deepest = Math.max(this.#deepest, mount.length)
  }

  /** The longest mount that is the whole path or ends where a segment of it ends ("/trac" is not in "/tracker"). */
  find(path: string): Match<Target> | undefined {
    let split = path.length
    if (split > this.#deepest) {
      // No mount reaches beyond the deepest one: start at the last segment border there.
      split = path.charCodeAt(this.#deepest) === SLASH ? this.#deepest : path.lastIndexOf('/', this.#deepest)
    }
    while (split >= 0) {
      const target = this.#targets.get(path.slice(0, split))
      if (target !== undefined) return { target, split }
      if (split === 0) return undefined
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
