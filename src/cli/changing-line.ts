// A line that changes while a command waits, on terminals only: elsewhere nothing of it is printed.
import { sizeOf } from '../launch/terminal-size.ts'
import { escapeControls } from '../observe/log-line.ts'
import { clipped } from './fitted-table.ts'

export type Output = Readonly<{ isTTY?: boolean; columns?: number; write: (text: string) => unknown }>

// To the first column, and away with what stands there.
const wipe = '\r\u001b[K'

export class ChangingLine {
  readonly #out: Output
  #text = ''

  constructor(out: Output) {
    this.#out = out
  }

  /** Replaces the line; without control characters and no wider than the terminal, so that it can be wiped. */
  show(text: string): void {
    if (this.#out.isTTY !== true) return
    this.#text = clipped(escapeControls(text), sizeOf(this.#out).columns - 1)
    this.#out.write(`${wipe}${this.#text}`)
  }

  /** Prints something above the line, which stays. */
  printAbove(text: string, to: Output = this.#out): void {
    const line = this.#text
    this.clear()
    to.write(text)
    if (line !== '') this.show(line)
  }

  clear(): void {
    if (this.#text !== '') this.#out.write(wipe)
    this.#text = ''
  }
}
