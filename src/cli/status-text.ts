// The status document as people read it. Pure.
import type { GroupStatus, StatusDocument, WorkerStatus } from '../control/status-document.ts'
import type { PublicGroupState } from '../lifecycle/public-state.ts'
import { escapeControls } from '../observe/log-line.ts'
import { renderTable } from './table.ts'

type Look = Readonly<{ colour: boolean; now: Date }>

/** @param look `colour` for a terminal; `now` is what ages are counted to */
export function renderStatus(document: StatusDocument, look: Look): string {
  const { version, pid, state, uptimeSeconds, listen, routers, groups } = document
  const requests = routers.reduce((sum, router) => sum + router.requests, 0)
  const connections = routers.reduce((sum, router) => sum + router.connections, 0)
  return [
    `wsgid ${version}, pid ${pid}, ${state}, up ${renderAge(uptimeSeconds)}`,
    `listening on ${listen.join(', ')}; ${routers.length} ${routers.length === 1 ? 'router' : 'routers'}, ${connections} connections, ${requests} requests`,
    '',
    colourStates(renderTable(groupHeader, groups.map(groupRow)), look),
    ...groups.flatMap((group) => renderWorkers(group, look)),
    ...groups.flatMap(renderError),
  ].join('\n')
}

const groupHeader = ['GROUP', 'USER', 'STATE', 'WORKERS', 'ACTIVE', 'QUEUE', 'REQUESTS', 'RESTARTS', 'LAST EXIT']

function groupRow(group: GroupStatus): string[] {
  const ready = group.workers.filter(({ state }) => state === 'ready').length
  const last = group.lastExits.at(-1)
  return [
    group.name,
    group.user,
    group.state,
    `${ready}/${group.processes}`,
    `${group.active}/${group.processes * group.threads}`,
    String(group.queue),
    String(group.requests),
    String(group.restarts),
    last === undefined ? '-' : `${last.reason} (${last.signal ?? `code ${last.code ?? '-'}`})`,
  ]
}

const workerHeader = ['GROUP', 'PID', 'STATE', 'ACTIVE', 'REQUESTS', 'UP', 'MEMORY', 'CPU']

function renderWorkers(group: GroupStatus, { now }: Look): string[] {
  if (group.workers.length === 0) return []
  return [
    '',
    renderTable(
      workerHeader,
      group.workers.map((worker) => [group.name, ...workerRow(worker, now)]),
    ),
  ]
}

function workerRow(
  { pid, state, active, requests, startedAt, rssBytes, cpuPercent }: WorkerStatus,
  now: Date,
): string[] {
  return [
    String(pid),
    state,
    String(active),
    String(requests),
    renderAge((now.getTime() - Date.parse(startedAt)) / 1000),
    rssBytes === null ? '-' : `${Math.round(rssBytes / 1024 / 1024)} MiB`,
    cpuPercent === null ? '-' : `${cpuPercent.toFixed(1)} %`,
  ]
}

function renderError({ name, lastError }: GroupStatus): string[] {
  if (lastError === null) return []
  const lines = lastError.trimEnd().split('\n')
  return ['', `${name}: last error`, ...lines.map((line) => `    ${escapeControls(line)}`)]
}

/** "42 s", "7 min", "3 h", "5 d". */
export function renderAge(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

/** SGR parameters: green, yellow, red. */
const colours: Partial<Record<PublicGroupState, number>> = {
  running: 32,
  starting: 33,
  rolling: 33,
  degraded: 33,
  stopping: 33,
  failing: 31,
}

/** After aligning: escape sequences have no width. */
function colourStates(table: string, { colour }: Look): string {
  if (!colour) return table
  return Object.entries(colours).reduce(
    (text, [state, code]) => text.replaceAll(new RegExp(` ${state}(?= )`, 'g'), ` \u001b[${code}m${state}\u001b[0m`),
    table,
  )
}
