// The state of all groups in one sentence, for `systemctl status`. Pure.
import type { PublicGroupState } from './public-state.ts'

type Named = Readonly<{ name: string; state: PublicGroupState }>

/** Worst first: these are named. */
const notable = ['failing', 'degraded', 'rolling', 'starting', 'stopping'] as const
const mostNames = 5

/**
 * For example "serving 3 groups; failing: shop; rolling: wiki, blog".
 *
 * @returns at most five names a state, the rest is counted
 */
export function summarise(groups: readonly Named[]): string {
  const named = notable.flatMap((state) => {
    const names = groups.filter((group) => group.state === state).map(({ name }) => name)
    return names.length === 0 ? [] : [`${state}: ${enumerate(names)}`]
  })
  return [`serving ${groups.length} ${groups.length === 1 ? 'group' : 'groups'}`, ...named].join('; ')
}

function enumerate(names: readonly string[]): string {
  const more = names.length - mostNames
  return `${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
