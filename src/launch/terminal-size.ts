// How large a terminal is, also one that cannot say it.

/** In characters. */
export type TerminalSize = Readonly<{ columns: number; rows: number }>

/** Serial lines, and terminals that a program has made, may say 0, or nothing: they count as the usual 80 × 24. */
export const sizeOf = ({ columns, rows }: Partial<TerminalSize>): TerminalSize => ({
  columns: columns || 80,
  rows: rows || 24,
})
