// What a scenario is: what one measurement gives, how its figures are shown, how a server is had. Knows no scenario.
import type { Server } from '../servers/server.ts'
import type { Row } from './rows.ts'
import type { SiteName, Workspace } from './workspace.ts'

/** Values by the keys of the scenario's columns; one that is missing could not be measured there. */
export type Figures = Readonly<Record<string, number>>

/** One measurement; `failed` of the `requests` did not get the answer they should have got. */
export type Sample = Readonly<{ figures: Figures; requests: number; failed: number }>

export type Column = Readonly<{ key: string; title: string; digits: number }>

/** One row in one scenario. `server` gives the one that runs, `fresh` another that the caller stops. */
export type Lane = Readonly<{ row: Row; server: () => Promise<Server>; fresh: () => Promise<Server> }>

/** What every scenario may know; `seconds` is the length of a measurement under load. */
export type Context = Readonly<{ workspace: Workspace; program: string; seconds: number; signal: AbortSignal }>

export type Scenario = Readonly<{
  title: string
  site: SiteName
  /** The first is the main figure: the spread and the ratios are of it. */
  columns: readonly [Column, ...Column[]]
  better: 'higher' | 'lower'
  /** What is measured at most so often, whatever --rounds says; default: as often as it says. */
  atMost?: number
  /** Failed requests of peers are a figure here and not the end; ours always are. */
  peersMayFail?: boolean
  /** Rows that can take part; default: all. */
  isFor?: (row: Row) => boolean
  /** Estimates the time of one measurement in seconds, for `seconds` of load. */
  lasts: (seconds: number) => number
  /** Once for a row, before the first round: is the answer the right one? Warms up. @throws when it is not */
  begin?: (lane: Lane, context: Context) => Promise<void>
  /** Once, when all have begun; what it returns is given to each measurement. */
  calibrate?: (lanes: readonly Lane[], context: Context) => Promise<number>
  measure: (lane: Lane, context: Context, calibration: number) => Promise<Sample>
}>
