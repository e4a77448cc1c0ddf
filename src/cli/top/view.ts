// The picture of `wsgid top`: a model as so many lines as the terminal has rows, none wider than it. Pure.
import { escapeControls } from '../../observe/log-line.ts'
import { painted, type Style } from '../colour.ts'
import { clipped, fitTable, type Cell, type Column } from '../fitted-table.ts'
import { figuresOf, lastLineOf, stateCell } from '../group-figures.ts'
import { ageText, latencyText, percentText, rateText, sizeText } from '../quantity-text.ts'
import { chosenIndex, shownRows, type Order, type Row, type TopModel } from './model.ts'

/** A server that lets a question wait for so long is said not to answer. */
const patienceMs = 2000

/** @param colour false for NO_COLOR: what is chosen has a mark, too */
export function topLines(model: TopModel, colour: boolean): string[] {
  const { columns: width, rows: height } = model.size
  const plain = (text: string) => clipped(text, width)
  const styled = (text: string, style: Style) => (colour && text !== '' ? painted(plain(text), style) : plain(text))
  const [header = '', ...rows] = table(model, colour)
  const room = Math.max(0, height - 6)
  const first = firstShown(chosenIndex(model), rows.length, room)
  const shown = rows.slice(first, first + room)
  const lines = [
    plain(serverLine(model)),
    plain(listLine(model, { first, shown: shown.length })),
    '',
    header,
    ...shown,
    ...Array.from({ length: room - shown.length }, () => ''),
    isSilent(model) ? styled(silenceOf(model), 'red') : plain(messageOf(model)),
    styled(keysIn(model), 'inverse'),
  ]
  return lines.slice(0, height)
}

function serverLine({ server }: TopModel): string {
  if (server === null) return 'wsgid top: waiting for the first answer'
  const { version, pid, state, uptimeSeconds, routers } = server
  const connections = routers.reduce((sum, router) => sum + router.connections, 0)
  const ready = routers.filter((router) => router.state === 'ready').length
  return `wsgid ${version}, pid ${pid}, ${state}, up ${ageText(uptimeSeconds)}; ${ready}/${routers.length} ${routers.length === 1 ? 'router' : 'routers'}, ${connections} connections`
}

const orderNames: Readonly<Record<Order, string>> = {
  cpu: 'CPU',
  memory: 'memory',
  requests: 'requests/s',
  queue: 'queue',
  name: 'name',
}

function listLine(model: TopModel, { first, shown }: Readonly<{ first: number; shown: number }>): string {
  const { rows, filter, order } = model
  const matching = shownRows(model).length
  const groups = matching === 1 ? '1 group' : `${matching} groups`
  const part = shown < matching ? `${first + 1}-${first + shown} of ${groups}` : groups
  const matched = filter === '' ? '' : ` of ${rows.length} with "${filter}"`
  return `${part}${matched}, by ${orderNames[order]}`
}

const columns: readonly Column[] = [
  { header: ' ' },
  { header: 'GROUP', least: 8 },
  { header: 'USER', rank: 2 },
  { header: 'STATE' },
  { header: 'CPU%', align: 'right' },
  { header: 'MEM', align: 'right' },
  { header: 'REQ/S', align: 'right' },
  { header: 'P50', align: 'right' },
  { header: 'P99', align: 'right' },
  { header: 'QUEUE', align: 'right' },
  { header: 'BUSY', align: 'right' },
  { header: 'READY', align: 'right' },
  { header: 'REQUESTS', align: 'right', rank: 3 },
  { header: 'RESTARTS', align: 'right', rank: 1 },
]

function table(model: TopModel, colour: boolean): string[] {
  const chosen = chosenIndex(model)
  const cells = shownRows(model).map((row, index) => tableRow(row, index === chosen))
  return fitTable(columns, cells, { width: model.size.columns, colour })
}

function tableRow({ group, perSecond }: Row, isChosen: boolean): Cell[] {
  const figures = figuresOf(group)
  const { cpu, memory, p50, p99, busy, places, ready } = figures
  return [
    isChosen ? '>' : ' ',
    isChosen ? { text: group.name, style: 'bold' } : group.name,
    group.user,
    stateCell(group.state),
    percentText(cpu),
    sizeText(memory),
    rateText(perSecond ?? figures.perSecond),
    latencyText(p50),
    latencyText(p99),
    String(group.queue),
    `${busy}/${places}`,
    `${ready}/${group.processes}`,
    String(group.requests),
    String(group.restarts),
  ]
}

/** The chosen row stays in sight, in the middle where there is more above and below. */
function firstShown(chosen: number, count: number, room: number): number {
  return Math.max(0, Math.min(chosen - Math.floor(room / 2), count - room))
}

const isSilent = ({ now, askedAt }: TopModel): boolean => askedAt !== null && now - askedAt > patienceMs

function silenceOf({ now, answeredAt, server }: TopModel): string {
  const silence = `the supervisor has not answered for ${ageText((now - answeredAt) / 1000)}`
  return server === null ? silence : `${silence}; what stands here is as old`
}

function messageOf(model: TopModel): string {
  const { mode, filter, said } = model
  switch (mode.is) {
    case 'confirm':
      return `restart ${mode.group}, rolling? y / n`
    case 'filter':
      return `show groups with: ${filter}_`
    case 'list': {
      if (said !== '') return escapeControls(said)
      const group = shownRows(model)[chosenIndex(model)]?.group
      return group?.lastError ? `${group.name}: ${escapeControls(lastLineOf(group.lastError))}` : ''
    }
  }
}

function keysIn({ mode }: TopModel): string {
  switch (mode.is) {
    case 'confirm':
      return 'y restart  any other key: no'
    case 'filter':
      return 'Enter done  Esc all groups'
    case 'list':
      return 'c CPU  m memory  r req/s  w queue  n name  / filter  ↑↓  R restart  q quit'
  }
}
