// One running template process: its control socket, and the output of it and its workers. Owned by GroupChildren; decides nothing.
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { renderEnd, type ProcessEnd } from '../lifecycle/exit-reason.ts'
import type { Command } from '../launch/argv.ts'
import { spawnTemplate } from '../launch/spawn.ts'
import { captureOutput } from '../observe/capture.ts'
import type { Log } from '../observe/logs.ts'
import type { OutputLine } from '../observe/output-line.ts'
import type { FromTemplate, ToTemplate } from '../protocol/supervision.ts'
import { hearTemplate, tellTemplate } from './control-lines.ts'

/** What was said last is often the reason of an exit; so many lines are kept for each process. */
const lastLines = 5
/** A grandchild may hold the pipes open for ever; the process's own last words are there at once. */
const lastWordsMs = 250

export type TemplateReports = Readonly<{
  /** null: it broke the protocol. */
  said: (message: FromTemplate | null) => void
  /** `detail`: how it ended, and its last lines on stderr. */
  ended: (detail: string) => void
}>

export class TemplateProcess {
  readonly pid: number
  /** Resolves when it is gone. */
  readonly gone: Promise<void>
  readonly #child: ChildProcess
  readonly #control: Socket
  /** Last lines on stderr by the pid that wrote them. */
  readonly #lines = new Map<number, string[]>()
  #killTimer: NodeJS.Timeout | undefined

  /**
   * @param place working directory, and what become its descriptors from 4 on: the bound sockets, then the scoreboard
   * @throws Error when it cannot be spawned at all
   */
  constructor(
    command: Command,
    place: Readonly<{ cwd: string; listening: readonly number[]; scoreboard: number }>,
    { group, log, reports }: Readonly<{ group: string; log: Log; reports: TemplateReports }>,
  ) {
    const { child, stdout, stderr, control } = spawnTemplate(command, place)
    this.#child = child
    this.#control = control
    this.pid = child.pid ?? 0
    const speaker = { group, pid: this.pid }
    captureOutput(stdout, log, { level: 'stdout', speaker })
    captureOutput(stderr, log, { level: 'stderr', speaker, onLine: (line) => this.#remember(line) })
    hearTemplate(control, place.listening.length, reports.said)
    this.gone = new Promise((resolve) => {
      const ended = (detail: string): void => {
        clearTimeout(this.#killTimer)
        this.#close()
        reports.ended(detail)
        resolve()
      }
      child.on('error', (error) => {
        // Also raised when a signal cannot be sent; only without a pid was nothing ever started.
        if (child.pid === undefined) ended(error.message)
      })
      child.on('exit', (code, signal) => {
        void lastWords([control, stderr]).then(() => ended(this.describeEnd(this.pid, { code, signal })))
      })
    })
  }

  tell(message: ToTemplate): void {
    tellTemplate(this.#control, message)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Has it write its own stack to its standard error; a signal that is ignored as long as it cannot. */
  writeStack(): void {
    this.#child.kill('SIGURG')
  }

  /** Lets it go: it has no workers and gets none. What does not heed that is killed after `patienceMs`. */
  retire(patienceMs: number): void {
    this.tell({ type: 'retire-template' })
    this.#killTimer ??= setTimeout(() => this.kill(), patienceMs)
  }

  /** "exit code 3; last on stderr: …", for the template process or one of its workers. */
  describeEnd(pid: number, end: ProcessEnd): string {
    const said = this.#lines.get(pid) ?? []
    this.#lines.delete(pid)
    return said.length === 0 ? renderEnd(end) : `${renderEnd(end)}; last on stderr: ${said.join(' | ')}`
  }

  /** Begins to keep what a worker says last. */
  follow(pid: number): void {
    this.#lines.set(pid, [])
  }

  #remember({ pid = this.pid, text }: OutputLine): void {
    const lines = pid === this.pid ? this.#linesOfMine() : this.#lines.get(pid)
    if (lines === undefined) return
    lines.push(text)
    if (lines.length > lastLines) lines.shift()
  }

  #linesOfMine(): string[] {
    const lines = this.#lines.get(this.pid) ?? []
    this.#lines.set(this.pid, lines)
    return lines
  }

  /** For the case that a grandchild keeps the pipes open. */
  #close(): void {
    for (const stream of this.#child.stdio) stream?.destroy()
  }
}

/** An exit can overtake what was written before it. */
async function lastWords(streams: readonly Readable[]): Promise<void> {
  const signal = AbortSignal.timeout(lastWordsMs)
  await Promise.allSettled(streams.map((stream) => finished(stream, { writable: false, signal })))
}
