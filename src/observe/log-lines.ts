// Chooses lines of a log by time and request, and keeps the last of them. Pure: knows no file.

/** What is wanted of a log; null: all. `since` in milliseconds since 1970. */
export type LineChoice = Readonly<{ since: number | null; request: string | null }>

/** The start of a line as log-line.ts writes it, up to the end of its fields. */
const head = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \[\w+\] ((?:(?:group|worker|gen|router|pid|request)=\S+ )*)/

/** Whether a line is wanted. One without a time of its own (a fault's trace on the server's stderr) goes with the line before it: `before` is its answer. */
export function isChosen(line: string, { since, request }: LineChoice, before: boolean): boolean {
  const [match, time = '', fields = ''] = head.exec(line) ?? []
  if (match === undefined) return before
  if (since !== null && Date.parse(time) < since) return false
  return request === null || ` ${fields}`.includes(` request=${request} `)
}

/** Of an unlimited number of lines the last `count`; null: every one. */
export class LastLines {
  readonly #count: number
  #lines: string[] = []

  constructor(count: number) {
    this.#count = count
  }

  add(line: string): void {
    this.#lines.push(line)
    // Cut at twice the size, so that a line costs no copy of all.
    if (this.#lines.length > 2 * this.#count) this.#lines = this.lines
  }

  get lines(): string[] {
    return this.#count === 0 ? [] : this.#lines.slice(-this.#count)
  }
}
