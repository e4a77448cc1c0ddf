// The picture of `wsgid top`: a model as so many lines as the terminal has rows, none wider than it. Pure.
import { escapeControls } from '../../observe/log-line.ts'
import { painted, type Style } from '../colour.ts'
import { clipped, fitTable, type Cell, type Column } from '../fitted-table.ts'
import { groupColumns, type GroupColumn } from '../group-columns.ts'
import { figuresOf, lastLineOf } from '../group-figures.ts'
import { ageText } from '../quantity-text.ts'
import { serverLine } from '../status-text.ts'
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
    plain(model.server === null ? 'wsgid top: waiting for the first answer' : serverLine(model.server)),
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

const { user, state, cpu, memory, perSecond, p50, p99, queue, busy, ready, requests, restarts } = groupColumns
/** Behind the mark of the chosen row and the group's name. */
const figures: readonly GroupColumn[] = [
  { ...user, rank: 2 },
  ...[state, cpu, memory, perSecond, p50, p99, queue, busy, ready],
  { ...requests, rank: 3 },
  { ...restarts, rank: 1 },
]
const columns: readonly Column[] = [{ header: ' ' }, { header: 'GROUP', least: 8 }, ...figures]

function table(model: TopModel, colour: boolean): string[] {
  const chosen = chosenIndex(model)
  const cells = shownRows(model).map((row, index) => tableRow(row, index === chosen))
  return fitTable(columns, cells, { width: model.size.columns, colour })
}

/** Requests a second are those since the last answer, as soon as there were two. */
function tableRow({ group, perSecond }: Row, isChosen: boolean): Cell[] {
  const known = figuresOf(group)
  const now = { ...known, perSecond: perSecond ?? known.perSecond }
  return [
    isChosen ? '>' : ' ',
    isChosen ? { text: group.name, style: 'bold' } : group.name,
    ...figures.map(({ cell }) => cell({ group, figures: now })),
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
