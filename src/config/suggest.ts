// Finds what somebody may have meant by a misspelt name.
import { distance } from 'fastest-levenshtein'

/**
 * The known name nearest to a misspelt one.
 *
 * @returns undefined when even the nearest differs in more than a third of its letters (at least two): then a guess would mislead
 */
export function nearestName(misspelt: string, known: readonly string[]): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[_ ]/g, '-')
  const [nearest] = known
    .map((name) => ({ name, steps: distance(plain(misspelt), plain(name)) }))
    .sort((a, b) => a.steps - b.steps)
  if (nearest === undefined) return undefined
  return nearest.steps <= Math.max(2, Math.floor(nearest.name.length / 3)) ? nearest.name : undefined
}
