// All that the status document has about one group, as people read it. Pure.
import type { ExitStatus, GroupStatus, WorkerStatus } from '../control/status-document.ts'
import { escapeControls } from '../observe/log-line.ts'
import { painted } from './colour.ts'
import { fitTable, type Column } from './fitted-table.ts'
import { endText, figuresOf, stateCell } from './group-figures.ts'
import { ageText, latencyText, percentText, rateText, sizeText } from './quantity-text.ts'
import type { StatusLook } from './status-text.ts'

/** @returns lines without their newlines; only those of the last error may be wider than the terminal */
export function detailLines(group: GroupStatus, look: StatusLook): string[] {
  const parts = [workersPart, exitsPart, applicationsPart, errorPart].map((part) => part(group, look))
  return [...headLines(group, look), ...parts.flatMap((lines) => (lines.length === 0 ? [] : ['', ...lines]))]
}

function headLines(group: GroupStatus, { colour }: StatusLook): string[] {
  const { ready, busy, places, perSecond, p50, p99 } = figuresOf(group)
  const cell = stateCell(group.state)
  const state = typeof cell === 'string' || !colour ? group.state : painted(cell.text, cell.style)
  return [
    `${group.name}: ${state}, generation ${group.generation}, user ${group.user}, group ${group.group}`,
    `  workers   ${ready} ready of ${group.processes}, ${busy} of ${places} threads busy, ${group.queue} requests wait`,
    `  requests  ${rateText(perSecond)}/s, p50 ${latencyText(p50)}, p99 ${latencyText(p99)} in the last minute`,
    `  so far    ${group.requests} requests, ${group.restarts} restarts`,
  ]
}

const workerColumns: readonly Column[] = [
  { header: 'PID', align: 'right' },
  { header: 'STATE' },
  { header: 'GENERATION', align: 'right' },
  { header: 'BUSY', align: 'right' },
  { header: 'REQUESTS', align: 'right' },
  { header: 'UP', align: 'right' },
  { header: 'CPU%', align: 'right' },
  { header: 'MEM', align: 'right' },
  { header: 'APPLICATION GROUP', least: 6 },
]

function workersPart({ workers, threads }: GroupStatus, look: StatusLook): string[] {
  if (workers.length === 0) return []
  // Most groups have the one that needs no name.
  const named = workers.some(({ applicationGroup }) => applicationGroup !== '')
  const columns = named ? workerColumns : workerColumns.slice(0, -1)
  const row = (worker: WorkerStatus): string[] => [
    String(worker.pid),
    worker.state,
    String(worker.generation),
    `${worker.active}/${threads}`,
    String(worker.requests),
    ageText((look.now.getTime() - Date.parse(worker.startedAt)) / 1000),
    percentText(worker.cpuPercent),
    sizeText(worker.rssBytes),
    ...(named ? [worker.applicationGroup === '' ? '%{GLOBAL}' : worker.applicationGroup] : []),
  ]
  return fitTable(columns, workers.map(row), look)
}

const exitColumns: readonly Column[] = [
  { header: 'EXITED', align: 'right' },
  { header: 'PID', align: 'right' },
  { header: 'BY' },
  { header: 'REASON' },
]

/** The newest first. */
function exitsPart({ lastExits }: GroupStatus, look: StatusLook): string[] {
  if (lastExits.length === 0) return []
  const row = (exit: ExitStatus): string[] => [
    `${ageText((look.now.getTime() - Date.parse(exit.at)) / 1000)} ago`,
    String(exit.pid),
    endText(exit),
    exit.reason,
  ]
  return fitTable(exitColumns, lastExits.toReversed().map(row), look)
}

const applicationColumns: readonly Column[] = [
  { header: 'HOST', least: 8 },
  { header: 'MOUNT', least: 8 },
  { header: 'SCRIPT', least: 12 },
]

function applicationsPart({ applications }: GroupStatus, look: StatusLook): string[] {
  const rows = applications.flatMap(({ hosts, mount, script }) =>
    (hosts.length === 0 ? ['*'] : hosts).map((host) => [host, mount === '' ? '/' : mount, script]),
  )
  return fitTable(applicationColumns, rows, look)
}

/** A traceback is a tenant's text: nothing in it may steer the terminal. */
function errorPart({ lastError }: GroupStatus): string[] {
  if (lastError === null) return []
  const lines = lastError.trimEnd().split('\n')
  return ['last error', ...lines.map((line) => `    ${escapeControls(line)}`)]
}
