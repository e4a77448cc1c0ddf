// What the rounds of a run say: medians, spread and ratios. Pure.
import type { Sample } from './wrk.ts'

/** All samples of one server, in the order of the rounds. */
export type Series = Readonly<{ title: string; samples: readonly Sample[] }>

/** Figures of one server over all rounds; latencies in milliseconds, `ratio` is against the base series. */
export type Summary = Readonly<{
  title: string
  median: number
  lowest: number
  highest: number
  p50: number
  p99: number
  requests: number
  failed: number
  ratio: number
}>

/**
 * Summarizes `series` against `base`.
 *
 * The ratio is the median of the ratios of each round, not the ratio of the medians: what disturbs the machine for a
 * while disturbs both servers of that round.
 */
export function summarize(series: Series, base: Series): Summary {
  const { title, samples } = series
  const speeds = samples.map((sample) => sample.requestsPerSecond)
  const ratios = speeds.map((speed, round) => speed / (base.samples[round]?.requestsPerSecond ?? Number.NaN))
  return {
    title,
    median: median(speeds),
    lowest: Math.min(...speeds),
    highest: Math.max(...speeds),
    p50: median(samples.map((sample) => sample.p50)),
    p99: median(samples.map((sample) => sample.p99)),
    requests: sum(samples.map((sample) => sample.requests)),
    failed: sum(samples.map((sample) => sample.failed)),
    ratio: median(ratios),
  }
}

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
