// A table that fits a terminal: columns nobody misses go first, then space, then the ends of long words. Pure; knows no column's meaning.
import { painted, type Style } from './colour.ts'

/** A column; `least`: it may be cut to so many characters; `rank`: it may be left out, the highest rank first. */
export type Column = Readonly<{ header: string; align?: 'right'; least?: number; rank?: number }>
export type Cell = string | Readonly<{ text: string; style: Style }>
/** `width` in columns of the terminal, Infinity for a pipe. */
export type Look = Readonly<{ width: number; colour: boolean }>

type Layout = Readonly<{ shown: readonly number[]; widths: readonly number[]; gap: number }>

/**
 * Lines without their newlines, the header first; none is wider than the terminal.
 *
 * @param rows each as long as `columns`
 */
export function fitTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], look: Look): string[] {
  const texts = [columns.map(({ header }) => header), ...rows.map((row) => row.map(textOf))]
  const layout = layOut(columns, texts, look.width)
  return [columns.map(({ header }) => header), ...rows].map((row) => renderRow(row, columns, { layout, look }))
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text)

function layOut(columns: readonly Column[], texts: readonly (readonly string[])[], width: number): Layout {
  const natural = columns.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? '').length)))
  const ranks = columns.flatMap(({ rank }) => rank ?? []).sort((a, b) => b - a)
  for (const bound of [Infinity, ...ranks]) {
    const layout = layoutOf(columns, natural, { bound, gap: 2 })
    if (widthOf(layout) <= width) return layout
  }
  const tight = layoutOf(columns, natural, { bound: 0, gap: 1 })
  return { ...tight, widths: narrowed(columns, tight, widthOf(tight) - width) }
}

function layoutOf(
  columns: readonly Column[],
  natural: readonly number[],
  { bound, gap }: Readonly<{ bound: number; gap: number }>,
): Layout {
  const shown = columns.flatMap(({ rank = -1 }, column) => (rank < bound ? [column] : []))
  return { shown, widths: shown.map((column) => natural[column] ?? 0), gap }
}

const widthOf = ({ widths, gap }: Layout): number =>
  widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1)

/** Takes from the column that has most to spare, a character at a time, until nothing is too much or nobody can spare any. */
function narrowed(columns: readonly Column[], { shown, widths }: Layout, excess: number): readonly number[] {
  const narrow = [...widths]
  for (let left = excess; left > 0; left -= 1) {
    const spare = narrow.map((width, index) => width - (columns[shown[index] ?? 0]?.least ?? width))
    const most = spare.indexOf(Math.max(...spare))
    if ((spare[most] ?? 0) <= 0) break
    narrow[most] = (narrow[most] ?? 0) - 1
  }
  return narrow
}

function renderRow(
  row: readonly Cell[],
  columns: readonly Column[],
  { layout, look }: Readonly<{ layout: Layout; look: Look }>,
): string {
  let used = 0
  const cells = layout.shown.map((column, index) => {
    const cell = row[column] ?? ''
    const gap = index === 0 ? 0 : layout.gap
    const isLast = index === layout.shown.length - 1
    const room = Math.max(0, Math.min(layout.widths[index] ?? 0, look.width - used - gap))
    const text = clipped(textOf(cell), room)
    const padding = ' '.repeat(isLast && columns[column]?.align === undefined ? 0 : room - text.length)
    used += gap + room
    const shown = typeof cell === 'string' || !look.colour || text === '' ? text : painted(text, cell.style)
    return ' '.repeat(room === 0 ? 0 : gap) + (columns[column]?.align === 'right' ? padding + shown : shown + padding)
  })
  return cells.join('').trimEnd()
}

/** The text in at most so many characters, with an ellipsis for what is missing. */
export function clipped(text: string, width: number): string {
  if (text.length <= width) return text
  return width <= 0 ? '' : `${text.slice(0, width - 1)}…`
}
