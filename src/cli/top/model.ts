// What `wsgid top` knows and what a key does to it. Pure: the terminal, the clock and the server are the shell's.
import type { GroupStatus, StatusDocument } from '../../control/status-document.ts'
import type { TerminalSize } from '../../launch/terminal-size.ts'
import { figuresOf } from '../group-figures.ts'

export type Order = 'cpu' | 'memory' | 'requests' | 'queue' | 'name'
/** A group with the requests a second between the last two answers; null after the first one. */
export type Row = Readonly<{ group: GroupStatus; perSecond: number | null }>

export type TopModel = Readonly<{
  size: TerminalSize
  /** Milliseconds since 1970, as all times here. */
  now: number
  server: StatusDocument | null
  rows: readonly Row[]
  /** When the server has answered last; in the beginning when it was asked first. */
  answeredAt: number
  /** When the question was asked that has no answer yet; null: it has. */
  askedAt: number | null
  order: Order
  /** Only groups in whose name, user or state this stands, in any case. */
  filter: string
  /** The name of the group that the arrows have chosen; null: the first one, whichever that is. */
  chosen: string | null
  mode: Readonly<{ is: 'list' } | { is: 'filter' } | { is: 'confirm'; group: string }>
  /** What has become of the last restart. */
  said: string
}>

/** As node:readline names it; `text` is what it types, "" for keys that type nothing. */
export type Key = Readonly<{ name: string; ctrl: boolean; text: string }>

export type TopEvent =
  | Readonly<{ type: 'key'; key: Key }>
  | Readonly<{ type: 'answered'; document: StatusDocument; at: number }>
  | Readonly<{ type: 'asked'; at: number }>
  | Readonly<{ type: 'tick'; at: number }>
  | Readonly<{ type: 'resized'; size: TerminalSize }>
  | Readonly<{ type: 'said'; text: string }>

export type TopEffect = Readonly<{ type: 'quit' } | { type: 'suspend' } | { type: 'restart'; group: string }>
export type TopStep = readonly [TopModel, TopEffect | null]

/** @param now when the server is asked first */
export function startOfTop(size: TerminalSize, now: number): TopModel {
  return {
    ...{ size, now, server: null, rows: [], answeredAt: now, askedAt: null, order: 'cpu' },
    ...{ filter: '', chosen: null, mode: { is: 'list' }, said: '' },
  }
}

/** Total: every key in every mode has its meaning, or none. */
export function stepTop(model: TopModel, event: TopEvent): TopStep {
  switch (event.type) {
    case 'key':
      return press(model, event.key)
    case 'answered':
      return [takeIn(model, event.document, event.at), null]
    case 'asked':
      return [{ ...model, askedAt: model.askedAt ?? event.at, now: event.at }, null]
    case 'tick':
      return [{ ...model, now: event.at }, null]
    case 'resized':
      return [{ ...model, size: event.size }, null]
    case 'said':
      return [{ ...model, said: event.text }, null]
  }
}

function takeIn(model: TopModel, document: StatusDocument, at: number): TopModel {
  const before = new Map(model.rows.map(({ group }) => [group.name, group.requests]))
  const seconds = (at - model.answeredAt) / 1000
  const rows = document.groups.map((group): Row => {
    const known = before.get(group.name)
    // Counts begin anew with a new router.
    const perSecond = known === undefined || seconds <= 0 ? null : Math.max(0, (group.requests - known) / seconds)
    return { group, perSecond }
  })
  return { ...model, server: document, rows, answeredAt: at, askedAt: null, now: at }
}

function press(model: TopModel, key: Key): TopStep {
  if (key.ctrl && key.name === 'c') return [model, { type: 'quit' }]
  if (key.ctrl && key.name === 'z') return [model, { type: 'suspend' }]
  switch (model.mode.is) {
    case 'list':
      return pressInList(model, key)
    case 'filter':
      return [typeFilter(model, key), null]
    case 'confirm': {
      const { group } = model.mode
      const list: TopModel = { ...model, mode: { is: 'list' } }
      return key.text === 'y' || key.text === 'Y'
        ? [
            { ...list, said: `${group}: restarting` },
            { type: 'restart', group },
          ]
        : [{ ...list, said: `${group}: not restarted` }, null]
    }
  }
}

const orders: Readonly<Record<string, Order>> = { c: 'cpu', m: 'memory', r: 'requests', w: 'queue', n: 'name' }
const pageOf = ({ rows }: TerminalSize): number => Math.max(1, rows - 8)

function pressInList(model: TopModel, { name, text }: Key): TopStep {
  const order = orders[text]
  if (order !== undefined) return [{ ...model, order }, null]
  switch (name) {
    case 'up':
      return [move(model, -1), null]
    case 'down':
      return [move(model, 1), null]
    case 'pageup':
      return [move(model, -pageOf(model.size)), null]
    case 'pagedown':
      return [move(model, pageOf(model.size)), null]
    case 'escape':
      return [{ ...model, filter: '', chosen: null, said: '' }, null]
  }
  if (text === 'q') return [model, { type: 'quit' }]
  if (text === '/') return [{ ...model, mode: { is: 'filter' }, chosen: null }, null]
  const group = shownRows(model)[chosenIndex(model)]?.group.name
  if (text === 'R' && group !== undefined) return [{ ...model, mode: { is: 'confirm', group } }, null]
  return [model, null]
}

const longestFilter = 40

function typeFilter(model: TopModel, { name, text }: Key): TopModel {
  switch (name) {
    case 'return':
    case 'enter':
      return { ...model, mode: { is: 'list' } }
    case 'escape':
      return { ...model, mode: { is: 'list' }, filter: '' }
    case 'backspace':
      return { ...model, filter: model.filter.slice(0, -1) }
    default:
      return /^[ -~]$/.test(text) ? { ...model, filter: (model.filter + text).slice(0, longestFilter) } : model
  }
}

function move(model: TopModel, by: number): TopModel {
  const rows = shownRows(model)
  const index = Math.max(0, Math.min(rows.length - 1, chosenIndex(model) + by))
  return { ...model, chosen: rows[index]?.group.name ?? null }
}

/** Of the shown rows; 0 when the chosen one is not among them. */
export function chosenIndex(model: TopModel): number {
  return Math.max(
    0,
    shownRows(model).findIndex(({ group }) => group.name === model.chosen),
  )
}

/** The rows that the filter lets through, in their order: the greatest first, equal ones by name. */
export function shownRows({ rows, filter, order }: TopModel): readonly Row[] {
  const wanted = filter.toLowerCase()
  return rows
    .filter(({ group }) => [group.name, group.user, group.state].some((text) => text.toLowerCase().includes(wanted)))
    .map((row) => ({ row, weight: weightOf(row, order) }))
    .sort((a, b) => b.weight - a.weight || (a.row.group.name < b.row.group.name ? -1 : 1))
    .map(({ row }) => row)
}

function weightOf({ group, perSecond }: Row, order: Order): number {
  switch (order) {
    case 'cpu':
      return figuresOf(group).cpu ?? -1
    case 'memory':
      return figuresOf(group).memory ?? -1
    case 'requests':
      return perSecond ?? figuresOf(group).perSecond ?? -1
    case 'queue':
      return group.queue
    case 'name':
      return 0
  }
}
