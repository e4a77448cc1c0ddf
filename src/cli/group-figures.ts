// What a table has of a group, added up from its status. Pure.
import type { ExitStatus, GroupStatus } from '../control/status-document.ts'
import type { PublicGroupState } from '../lifecycle/public-state.ts'
import type { Cell } from './fitted-table.ts'
import type { Style } from './colour.ts'

/** Numbers that are not known are null: nothing runs, or nothing was measured. `cpu` in percent of one processor. */
export type GroupFigures = Readonly<{
  ready: number
  busy: number
  /** Requests that all workers together serve at a time. */
  places: number
  /** Of the last minute. */
  perSecond: number | null
  p50: number | null
  p99: number | null
  memory: number | null
  cpu: number | null
  lastExit: ExitStatus | null
}>

/** A server that was started before an upgrade may not know everything yet. */
type AskedGroup = Omit<GroupStatus, 'recent'> & Partial<Pick<GroupStatus, 'recent'>>

/** Sums over the workers of a group. */
export function figuresOf(group: AskedGroup): GroupFigures {
  const { workers, active, processes, threads, lastExits, recent } = group
  return {
    ready: workers.filter(({ state }) => state === 'ready').length,
    busy: active,
    places: processes * threads,
    perSecond: recent?.requestsPerSecond ?? null,
    p50: recent?.p50Milliseconds ?? null,
    p99: recent?.p99Milliseconds ?? null,
    memory: sumOf(workers.map(({ rssBytes }) => rssBytes)),
    cpu: sumOf(workers.map(({ cpuPercent }) => cpuPercent)),
    lastExit: lastExits.at(-1) ?? null,
  }
}

/** null when there is nothing to add up. */
function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

const styles: Partial<Record<PublicGroupState, Style>> = {
  running: 'green',
  starting: 'yellow',
  rolling: 'yellow',
  degraded: 'yellow',
  stopping: 'yellow',
  failing: 'red',
}

/** The state in its colour. */
export function stateCell(state: PublicGroupState): Cell {
  const style = styles[state]
  return style === undefined ? state : { text: state, style }
}

/** What the kernel said: "SIGKILL", "code 1", or "-". */
export function endText({ signal, code }: ExitStatus): string {
  return signal ?? (code === null ? '-' : `code ${code}`)
}

/** The last line of a traceback says what it is about. */
export function lastLineOf(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? ''
}
