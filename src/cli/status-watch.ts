// `wsgid status --watch`: on a terminal one picture that changes, else one text after the other. A supervisor that does not answer is said, and
// asked again; the end of the server is the end.
import { setTimeout as pause } from 'node:timers/promises'
import { ControlError, type ControlClient } from '../control/client.ts'
import type { StatusDocument } from '../control/status-document.ts'
import { sizeOf } from '../launch/terminal-size.ts'
import { clipped } from './fitted-table.ts'

export type Watched = Readonly<{
  client: ControlClient
  linesOf: (document: StatusDocument) => readonly string[]
  /** What to throw when the server cannot be asked at all. */
  failed: (error: unknown) => unknown
  intervalMs: number
  /** Whether a terminal gets one picture that changes. */
  redraws: boolean
}>

/** How long one answer may take: shorter than for a command that has only one chance. */
const patienceMs = 3000

/** Never resolves. @throws what `failed` makes of a server that is not there, and what `linesOf` throws */
export async function watchStatus({ client, linesOf, failed, intervalMs, redraws }: Watched): Promise<never> {
  const picture = redraws && process.stdout.isTTY ? new Picture() : null
  for (;;) {
    try {
      const lines = linesOf(await client.status(patienceMs))
      if (picture === null) process.stdout.write(`${lines.join('\n')}\n${redraws ? '\n' : ''}`)
      else picture.draw(lines)
    } catch (error) {
      if (!(error instanceof ControlError) || error.isFinal) throw failed(error)
      const said = `wsgid: status: ${error.message}; it is asked again`
      if (picture === null) process.stderr.write(`${said}\n`)
      else picture.addTrouble(said)
    }
    await pause(intervalMs)
  }
}

/** What stands on the terminal, from its upper left corner; it stays there at the end, above the prompt. */
class Picture {
  #lines: readonly string[] = []
  #isFirst = true

  draw(lines: readonly string[]): void {
    this.#lines = lines
    this.#show(lines)
  }

  /** Below what was known last. */
  addTrouble(text: string): void {
    this.#show([...this.#lines, '', clipped(text, sizeOf(process.stdout).columns)])
  }

  #show(lines: readonly string[]): void {
    // The last row is for the prompt.
    const rows = Math.max(1, sizeOf(process.stdout).rows - 1)
    const shown =
      lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`]
    // The first picture scrolls away what stood there (ED 2), the others are written over the last one, without a flicker.
    const start = this.#isFirst ? '\u001b[2J\u001b[H' : '\u001b[H'
    this.#isFirst = false
    process.stdout.write(`${start}${shown.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`)
  }
}
