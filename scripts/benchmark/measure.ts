// The rounds of one scenario: all its rows in turn, round by round. A row in trouble leaves the scenario, the others go on.
import type { Row } from './rows.ts'
import type { Context, Lane, Sample, Scenario } from './scenario.ts'
import { scenarios, type ScenarioName } from './scenarios.ts'
import type { Servers } from './servers.ts'

/** `troubles`: rows that could not be measured to the end, without samples then. */
export type Outcome = Readonly<{
  scenario: ScenarioName
  series: readonly Readonly<{ row: Row; samples: readonly Sample[] }>[]
  troubles: readonly Readonly<{ row: Row; why: string }>[]
}>

type Entry = { readonly lane: Lane; readonly samples: Sample[]; trouble: string | undefined }

/** Measures `rows` in a scenario. @throws only when the run is interrupted */
export async function measureScenario(
  name: ScenarioName,
  rows: readonly Row[],
  { servers, context, rounds }: Readonly<{ servers: Servers; context: Context; rounds: number }>,
): Promise<Outcome> {
  const scenario: Scenario = scenarios[name]
  process.stderr.write(`${name}:`)
  const entries = participants(name, rows).map((row): Entry => {
    const site = context.workspace.sites[scenario.site]
    const lane = { row, server: () => servers.running(row, site), fresh: () => servers.fresh(row, site) }
    return { lane, samples: [], trouble: undefined }
  })
  const attempt = (entry: Entry, act: () => Promise<void>): Promise<void> => tryWith(entry, context.signal, act)
  for (const entry of entries) await attempt(entry, async () => scenario.begin?.(entry.lane, context))
  const healthy = (): Entry[] => entries.filter(({ trouble }) => trouble === undefined)
  const calibration =
    (await scenario.calibrate?.(
      healthy().map(({ lane }) => lane),
      context,
    )) ?? Number.NaN
  for (let round = 1; round <= roundsOf(scenario, rounds); round += 1) {
    process.stderr.write(' |')
    for (const entry of healthy())
      await attempt(entry, async () => {
        const sample = await scenario.measure(entry.lane, context, calibration)
        entry.samples.push(sample)
        process.stderr.write(` ${(sample.figures[scenario.columns[0].key] ?? Number.NaN).toPrecision(3)}`)
      })
  }
  process.stderr.write('\n')
  return {
    scenario: name,
    series: healthy().map(({ lane: { row }, samples }) => ({ row, samples })),
    troubles: entries.flatMap(({ lane: { row }, trouble: why }) => (why === undefined ? [] : [{ row, why }])),
  }
}

/** Those of `rows` that take part in a scenario. Pure. */
export function participants(name: ScenarioName, rows: readonly Row[]): Row[] {
  const scenario: Scenario = scenarios[name]
  return rows.filter((row) => (row.only?.includes(name) ?? true) && (scenario.isFor?.(row) ?? true))
}

export const roundsOf = ({ atMost = Number.POSITIVE_INFINITY }: Scenario, rounds: number): number =>
  Math.min(rounds, atMost)

async function tryWith(entry: Entry, signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    signal.throwIfAborted()
    entry.trouble = error instanceof Error ? error.message : String(error)
    process.stderr.write(` [${entry.lane.row.name}: ${entry.trouble.split('\n')[0] ?? ''}]`)
  }
}
