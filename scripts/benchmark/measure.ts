// The rounds of one scenario: all its rows in turn, round by round. A row in trouble leaves the scenario, the others go on.
import type { Row } from './rows.ts'
import type { Context, Lane, Sample, Scenario } from './scenario.ts'
import { scenarios, type ScenarioName } from './scenarios.ts'
import type { Servers } from './servers.ts'
import type { Series } from './summary.ts'

/** `troubles`: rows that could not be measured to the end; they have no series. */
export type Outcome = Readonly<{
  scenario: ScenarioName
  series: readonly Series[]
  troubles: readonly Readonly<{ row: Series['row']; why: string }>[]
}>

type Entry = { readonly lane: Lane; readonly samples: Sample[]; trouble: string | undefined }
type Setting = Readonly<{ servers: Servers; context: Context; rounds: number }>

/** Measures `rows` in a scenario. @throws only when the run is interrupted */
export async function measureScenario(name: ScenarioName, rows: readonly Row[], setting: Setting): Promise<Outcome> {
  const scenario: Scenario = scenarios[name]
  const { context, rounds } = setting
  const entries = participants(name, rows).map((row) => entryOf(row, scenario, setting))
  const inTurn = async (act: (entry: Entry) => Promise<void>): Promise<void> => {
    for (const entry of healthy(entries)) await attempt([entry], context.signal, () => act(entry))
  }
  process.stderr.write(`${name}:`)
  await inTurn(async ({ lane }) => scenario.begin?.(lane, context))
  const calibration = await calibrate(scenario, healthy(entries), context)
  for (let round = 1; round <= roundsOf(scenario, rounds); round += 1) {
    process.stderr.write(' |')
    await inTurn(async ({ lane, samples }) => {
      const sample = await scenario.measure(lane, context, calibration)
      samples.push(sample)
      process.stderr.write(` ${(sample.figures[scenario.columns[0].key] ?? Number.NaN).toPrecision(3)}`)
    })
  }
  process.stderr.write('\n')
  return outcomeOf(name, entries)
}

/** Those of `rows` that take part in a scenario. Pure. */
export function participants(name: ScenarioName, rows: readonly Row[]): Row[] {
  const scenario: Scenario = scenarios[name]
  const isFor = ({ only, unfit }: Row): boolean => (only?.includes(name) ?? true) && unfit !== name
  return rows.filter((row) => isFor(row) && (scenario.isFor?.(row) ?? true))
}

export const roundsOf = ({ atMost = Number.POSITIVE_INFINITY }: Scenario, rounds: number): number =>
  Math.min(rounds, atMost)

function entryOf(row: Row, scenario: Scenario, { servers, context }: Setting): Entry {
  const site = context.workspace.sites[scenario.site]
  const lane = { row, server: () => servers.running(row, site), fresh: () => servers.fresh(row, site) }
  return { lane, samples: [], trouble: undefined }
}

const healthy = (entries: readonly Entry[]): Entry[] => entries.filter(({ trouble }) => trouble === undefined)

/** NaN where a scenario needs nothing of the kind; all are in trouble when it fails. */
async function calibrate(scenario: Scenario, entries: readonly Entry[], context: Context): Promise<number> {
  let calibration = Number.NaN
  const lanes = entries.map(({ lane }) => lane)
  await attempt(entries, context.signal, async () => {
    calibration = (await scenario.calibrate?.(lanes, context)) ?? calibration
  })
  return calibration
}

async function attempt(entries: readonly Entry[], signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    signal.throwIfAborted()
    const trouble = error instanceof Error ? error.message : String(error)
    for (const entry of entries) entry.trouble = trouble
    process.stderr.write(` [${entries.map(({ lane }) => lane.row.name).join(', ')}: ${trouble.split('\n')[0] ?? ''}]`)
  }
}

function outcomeOf(scenario: ScenarioName, entries: readonly Entry[]): Outcome {
  const named = ({ lane: { row } }: Entry): Series['row'] => ({ name: row.name, title: row.title, kind: row.kind })
  return {
    scenario,
    series: healthy(entries).map((entry) => ({ row: named(entry), samples: entry.samples })),
    troubles: entries.flatMap((entry) =>
      entry.trouble === undefined ? [] : [{ row: named(entry), why: entry.trouble }],
    ),
  }
}
