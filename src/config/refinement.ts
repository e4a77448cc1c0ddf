// Checks over several options of one map, for zod's refine(): they bring their own words along. Knows no option by name.

/** What a message says of it; `at` is the option whose place it names, the map's own without. */
type Words = Readonly<{ what: string; cure: string; at?: string }>

/**
 * The arguments of refine() for a combination that must not be.
 *
 * @param isWrong asked also when some of the options are wrong by themselves: all errors are reported at once
 */
export function never(isWrong: (options: unknown) => boolean, { at, ...params }: Words) {
  return [
    (options: unknown) => !isWrong(options),
    { when: () => true, params, path: at === undefined ? [] : [at] },
  ] as const
}

/** The arguments of refine() for two options of which a map may have only one. */
export function notBoth(first: string, second: string) {
  return never((options) => hasBoth(options, first, second), {
    what: `${second} and ${first} exclude each other`,
    cure: 'remove one of the two',
    at: second,
  })
}

/** Whether a map has both of two options. */
export function hasBoth(options: unknown, first: string, second: string): boolean {
  return isOptionMap(options) && first in options && second in options
}

export function isOptionMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
