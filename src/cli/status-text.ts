// The status document as people read it: a line for each group, or all about one. Pure.
import type { GroupStatus, StatusDocument } from '../control/status-document.ts'
import { escapeControls } from '../observe/log-line.ts'
import { clipped, fitTable, type Cell, type Column, type Look } from './fitted-table.ts'
import { endText, figuresOf, lastLineOf, stateCell } from './group-figures.ts'
import { ageText, latencyText, percentText, rateText, sizeText } from './quantity-text.ts'

/** `now` is what ages are counted to. */
export type StatusLook = Look & Readonly<{ now: Date }>

/** @returns lines without their newlines, none wider than the terminal */
export function statusLines(document: StatusDocument, look: StatusLook): string[] {
  const { groups } = document
  return [
    ...serverLines(document, look),
    '',
    ...(groups.length === 0
      ? ['no groups']
      : fitTable(
          columns,
          groups.map((group) => groupRow(group, look.now)),
          look,
        )),
    ...troubleLines(groups, look),
  ]
}

/** What runs and where, in two lines. */
export function serverLines(document: StatusDocument, { width }: Look): string[] {
  const { version, pid, state, uptimeSeconds, listen, routers } = document
  const connections = routers.reduce((sum, router) => sum + router.connections, 0)
  const ready = routers.filter((router) => router.state === 'ready').length
  const fleet = `${ready}/${routers.length} ${routers.length === 1 ? 'router' : 'routers'}, ${connections} connections`
  return [
    clipped(`wsgid ${version}, pid ${pid}, ${state}, up ${ageText(uptimeSeconds)}; ${fleet}`, width),
    clipped(`listening on ${listen.length === 0 ? 'nothing' : listen.join(', ')}`, width),
  ]
}

// What stands without a rank is there at 80 columns too.
const columns: readonly Column[] = [
  { header: 'GROUP', least: 8 },
  { header: 'USER', rank: 6 },
  { header: 'STATE' },
  { header: 'READY', align: 'right' },
  { header: 'BUSY', align: 'right' },
  { header: 'QUEUE', align: 'right' },
  { header: 'REQ/S', align: 'right' },
  { header: 'P50', align: 'right' },
  { header: 'P99', align: 'right' },
  { header: 'CPU%', align: 'right', rank: 2 },
  { header: 'MEM', align: 'right' },
  { header: 'REQUESTS', align: 'right', rank: 5 },
  { header: 'RESTARTS', align: 'right', rank: 4 },
  { header: 'LAST EXIT', least: 10 },
  { header: 'AGO', rank: 1 },
  { header: 'BY', rank: 3 },
]

function groupRow(group: GroupStatus, now: Date): Cell[] {
  const { ready, busy, places, perSecond, p50, p99, memory, cpu, lastExit } = figuresOf(group)
  return [
    group.name,
    group.user,
    stateCell(group.state),
    `${ready}/${group.processes}`,
    `${busy}/${places}`,
    String(group.queue),
    rateText(perSecond),
    latencyText(p50),
    latencyText(p99),
    percentText(cpu),
    sizeText(memory),
    String(group.requests),
    String(group.restarts),
    lastExit?.reason ?? '-',
    lastExit === null ? '-' : ageText((now.getTime() - Date.parse(lastExit.at)) / 1000),
    lastExit === null ? '-' : endText(lastExit),
  ]
}

const mostTroubles = 5

/** The end of each error, and where the whole of it is. */
function troubleLines(groups: readonly GroupStatus[], { width }: Look): string[] {
  const troubled = groups.flatMap(({ name, lastError }) => (lastError === null ? [] : [{ name, lastError }]))
  const more = troubled.length - mostTroubles
  return troubled.length === 0
    ? []
    : [
        '',
        ...troubled
          .slice(0, mostTroubles)
          .map(({ name, lastError }) => clipped(`${name}: ${escapeControls(lastLineOf(lastError))}`, width)),
        ...(more > 0 ? [`and ${more} more`] : []),
        clipped(`the whole traceback: wsgid status ${troubled[0]?.name ?? ''}`, width),
      ]
}
