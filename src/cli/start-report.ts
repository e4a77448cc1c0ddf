// What `start` prints: each group when it comes up, and in the end what has become of the others.
import { escapeControls } from '../observe/log-line.ts'
import type { GroupUp, StartReport } from '../supervisor/main.ts'
import { ChangingLine, type Output } from './changing-line.ts'
import { CommandFailure } from './failure.ts'

/** Groups and addresses go to `out` as they come, errors to `err`. One per start. */
export class StartProgress {
  readonly #err: Output
  readonly #line: ChangingLine
  readonly #told = new Set<string>()
  /** What is told when somebody listens: whoever reads the address connects. */
  #waiting: string[] | null = []

  constructor(out: Output, err: Output) {
    this.#err = err
    this.#line = new ChangingLine(out)
    this.#line.show('starting')
  }

  /** A group has come up. */
  tell({ listen, name, processes, groups }: GroupUp): void {
    this.#listen(listen)
    this.#up(name, processes)
    this.#line.show(`${this.#told.size} of ${groups} groups are up`)
  }

  /** The start has failed otherwise than by a report. */
  abandon(): void {
    this.#line.clear()
  }

  /**
   * What was not told yet.
   *
   * @returns whether every group came up
   * @throws CommandFailure when the server as a whole could not start
   */
  finish({ failure, listen, groups }: StartReport): boolean {
    this.#line.clear()
    if (failure !== null) throw new CommandFailure(`start: ${failure}`)
    this.#listen(listen)
    for (const { name, processes, error } of groups) {
      if (error !== null)
        this.#err.write(
          `wsgid: start: group ${name} did not start: it is tried again; its log has more\n${indented(error)}\n`,
        )
      else if (!this.#told.has(name)) this.#up(name, processes)
    }
    return groups.every(({ error }) => error === null)
  }

  #listen(urls: readonly string[]): void {
    const waiting = this.#waiting
    if (waiting === null || urls.length === 0) return
    this.#waiting = null
    for (const line of [...urls.map((url) => `listening on ${url}`), ...waiting]) this.#line.printAbove(`${line}\n`)
  }

  #up(name: string, processes: number): void {
    const line = `${name}: ${readiness(processes)}`
    this.#told.add(name)
    if (this.#waiting === null) this.#line.printAbove(`${line}\n`)
    else this.#waiting.push(line)
  }
}

const readiness = (processes: number): string =>
  processes === 0 ? 'starts on demand' : `${processes} ${processes === 1 ? 'worker' : 'workers'} ready`

/** A traceback is a tenant's text: nothing in it may steer the terminal. */
export function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${escapeControls(line)}`)
    .join('\n')
}
