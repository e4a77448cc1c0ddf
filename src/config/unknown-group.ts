// How commands and the supervisor say that there is no group of a name. Knows not where the names come from. Pure.
import { nearestName } from './suggest.ts'

/** `unknown group "sop": did you mean "shop"?`, or which ones there are. */
export function unknownGroup(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const shown = known.slice(0, shownGroups).join(', ') + (known.length > shownGroups ? ', …' : '')
  const hint =
    nearest === undefined
      ? known.length === 0
        ? 'there are no groups'
        : `there are ${shown}`
      : `did you mean "${nearest}"?`
  return `unknown group "${name}": ${hint}`
}

const shownGroups = 10
