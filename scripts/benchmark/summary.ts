// What the rounds of one scenario say: medians, spread and ratios. Pure.
import type { Row } from './rows.ts'
import type { Sample, Scenario } from './scenario.ts'

/** All samples of one row in one scenario, in the order of the rounds. */
export type Series = Readonly<{ row: Pick<Row, 'name' | 'title' | 'kind'>; samples: readonly Sample[] }>

/** What the summary needs of a scenario. */
export type Shown = Pick<Scenario, 'columns' | 'better'>

/**
 * One row over all rounds. `medians` by the keys of the columns; lowest, highest and ratios are of the main figure. A ratio above 1 is better
 * than the other one, whichever way the figure goes; NaN without a sample to compare.
 */
export type Summary = Readonly<{
  row: Series['row']
  medians: Readonly<Record<string, number>>
  lowest: number
  highest: number
  toBase: number
  toBestPeer: number
  requests: number
  failed: number
}>

/** Summarizes all rows of a scenario; the first is the base, the best of the peers by its median the other one that is compared with. */
export function summarizeAll(all: readonly Series[], shown: Shown): Summary[] {
  const best = bestPeer(all, shown)
  return all.map((series) => summarize(series, { shown, base: all[0], best }))
}

type Compared = Readonly<{ shown: Shown; base: Series | undefined; best: Series | undefined }>

function summarize(series: Series, { shown, base, best }: Compared): Summary {
  const { row, samples } = series
  const main = mainFigures(series, shown)
  return {
    row,
    medians: Object.fromEntries(shown.columns.map(({ key }) => [key, median(figuresOf(samples, key))])),
    lowest: Math.min(...main),
    highest: Math.max(...main),
    toBase: ratio(series, base, shown),
    toBestPeer: ratio(series, best, shown),
    requests: sum(samples.map((sample) => sample.requests)),
    failed: sum(samples.map((sample) => sample.failed)),
  }
}

function bestPeer(all: readonly Series[], shown: Shown): Series | undefined {
  const sign = shown.better === 'higher' ? 1 : -1
  const worth = (series: Series): number => sign * median(mainFigures(series, shown))
  return all.filter(({ row }) => row.kind === 'peer').toSorted((a, b) => worth(b) - worth(a))[0]
}

/**
 * The median of the ratios of each round, not the ratio of the medians: what disturbs the machine for a while disturbs both servers of that
 * round.
 */
function ratio(series: Series, other: Series | undefined, shown: Shown): number {
  if (other === undefined) return Number.NaN
  const others = mainFigures(other, shown)
  const ratios = mainFigures(series, shown).map((value, round) => value / (others[round] ?? Number.NaN))
  return median(shown.better === 'higher' ? ratios : ratios.map((one) => 1 / one))
}

const mainFigures = ({ samples }: Series, { columns }: Shown): number[] => figuresOf(samples, columns[0].key)

const figuresOf = (samples: readonly Sample[], key: string): number[] =>
  samples.map(({ figures }) => figures[key] ?? NaN)

/** The middle value, or the mean of the two middle ones; NaN of nothing, or with something that could not be measured. */
export function median(values: readonly number[]): number {
  if (values.some(Number.isNaN)) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
