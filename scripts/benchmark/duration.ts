// How long a run takes, told before it begins, and how long it may take. Pure.
import { participants, roundsOf } from './measure.ts'
import type { Options } from './options.ts'
import type { Row } from './rows.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'

/** Start of a server, checks, warm-up: once for each row in each scenario. Longer where requests are slow. */
const BEGIN_SECONDS = 1.5

/** Seconds, about, on a machine that does nothing else. */
export function estimateSeconds({ scenarios: names, rounds, seconds }: Options, rows: readonly Row[]): number {
  const each = names.map((name) => {
    const scenario: Scenario = scenarios[name]
    return participants(name, rows).length * (BEGIN_SECONDS + roundsOf(scenario, rounds) * scenario.lasts(seconds))
  })
  return each.reduce((sum, one) => sum + one, 0)
}

/** Seconds after which a run is ended: something hangs. */
export const limitSeconds = (estimate: number): number => 2 * estimate + 120
