// The status document as people read it: a line for each group, or all about one. Pure.
import type { ExitStatus, GroupStatus, StatusDocument } from '../control/status-document.ts'
import { escapeControls } from '../observe/log-line.ts'
import { clipped, fitTable, type Look } from './fitted-table.ts'
import { groupColumns, type GroupColumn } from './group-columns.ts'
import { endText, figuresOf, lastLineOf } from './group-figures.ts'
import { ageText } from './quantity-text.ts'

/** `now` is what ages are counted to. */
export type StatusLook = Look & Readonly<{ now: Date }>

/** @returns lines without their newlines, none wider than the terminal */
export function statusLines(document: StatusDocument, look: StatusLook): string[] {
  const { groups } = document
  return [...serverLines(document, look), '', ...groupTable(groups, look), ...troubleLines(groups, look)]
}

/** What runs and where, in two lines. */
function serverLines(document: StatusDocument, { width }: Look): string[] {
  const { listen } = document
  return [
    clipped(serverLine(document), width),
    clipped(`listening on ${listen.length === 0 ? 'nothing' : listen.join(', ')}`, width),
  ]
}

/** What runs, in one line of any length. */
export function serverLine({ version, pid, state, uptimeSeconds, routers }: StatusDocument): string {
  const connections = routers.reduce((sum, router) => sum + router.connections, 0)
  const ready = routers.filter((router) => router.state === 'ready').length
  const fleet = `${ready}/${routers.length} ${routers.length === 1 ? 'router' : 'routers'}, ${connections} connections`
  return `wsgid ${version}, pid ${pid}, ${state}, up ${ageText(uptimeSeconds)}; ${fleet}`
}

function groupTable(groups: readonly GroupStatus[], look: StatusLook): string[] {
  if (groups.length === 0) return ['no groups']
  const columns = columnsAt(look.now)
  const rows = groups.map((group) => {
    const figures = figuresOf(group)
    return columns.map(({ cell }) => cell({ group, figures }))
  })
  return fitTable(columns, rows, look)
}

// What stands without a rank is there at 80 columns too.
function columnsAt(now: Date): readonly GroupColumn[] {
  const { user, state, ready, busy, queue, perSecond, p50, p99, cpu, memory, requests, restarts } = groupColumns
  const ago = ({ at }: ExitStatus): string => ageText((now.getTime() - Date.parse(at)) / 1000)
  const exit = (text: (last: ExitStatus) => string): GroupColumn['cell'] => {
    return ({ figures: { lastExit } }) => (lastExit === null ? '-' : text(lastExit))
  }
  return [
    { header: 'GROUP', least: 8, cell: ({ group }) => group.name },
    { ...user, rank: 6 },
    ...[state, ready, busy, queue, perSecond, p50, p99],
    { ...cpu, rank: 2 },
    memory,
    { ...requests, rank: 5 },
    { ...restarts, rank: 4 },
    { header: 'LAST EXIT', least: 10, cell: exit(({ reason }) => reason) },
    { header: 'AGO', rank: 1, cell: exit(ago) },
    { header: 'BY', rank: 3, cell: exit(endText) },
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
