// Whether the directories of `static` can be served: there, open to the routers, and not led elsewhere by a tenant's link.
import type { Diagnostic } from '../config/diagnostics.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { barrier } from './access.ts'
import { findPath, ownership, type Facts, type PathFacts } from './facts.ts'
import type { Identity, StaticPlan } from './plan.ts'
import { at, type Problem } from './problem.ts'
import { hasReferences } from './references.ts'
import { distrustedLinks } from './trust.ts'

/** With their real paths, which is what the routers hold every file against. */
export function resolveStatic(directories: readonly StaticPlan[], facts: Facts): readonly StaticPlan[] {
  return directories.map((each) => {
    const way = findPath(facts, each.directory, null)
    return way.found ? { ...each, directory: way.target.path } : each
  })
}

/** @param router whom the routers run as; null when that is not known */
export function checkStatic(group: GroupConfiguration, router: Identity | null, facts: Facts): readonly Diagnostic[] {
  return group.applications.flatMap(({ static: directories, placeOf }) =>
    directories
      // A path with a capture is refused as such (captures.ts).
      .filter(({ directory }) => !hasReferences(directory))
      .flatMap(({ prefix, directory }) =>
        at(
          () => placeOf(['static', prefix]),
          problemsOf(directory, findPath(facts, directory, null), { router, facts }),
        ),
      ),
  )
}

type Reader = Readonly<{ router: Identity | null; facts: Facts }>

function problemsOf(directory: string, way: PathFacts, { router, facts }: Reader): readonly Problem[] {
  const name = `static directory "${directory}"`
  if (!way.found)
    return [unusable(`${name} cannot be served: ${way.reason} at "${way.missing}"`, 'mind the spelling, or make it')]
  if (way.target.kind !== 'directory') return [unusable(`${name} is not a directory`, 'name a directory')]
  if (facts.process.uid !== 0) return []
  const shut = router === null ? undefined : barrier(way, router, 'execute')
  const closed =
    shut &&
    unusable(
      `${name} cannot be entered by the routers, user "${router?.userName ?? ''}": "${shut.path}" is ${ownership(facts, shut)}`,
      'the routers read these files themselves: chmod o+x it, or give it a group of that user',
    )
  return [...distrustedLinks(way, { facts, name }), ...(closed ? [closed] : [])]
}

const unusable = (what: string, cure: string): Problem => ({ code: 'unusable-path', what, cure })
