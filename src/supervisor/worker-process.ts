// One running worker: its process, its control socket, its output. Owned by WorkerChildren; decides nothing.
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ProcessEnd } from '../lifecycle/exit-reason.ts'
import type { Command } from '../launch/argv.ts'
import { spawnWorker } from '../launch/spawn.ts'
import { captureOutput } from '../observe/capture.ts'
import type { Log } from '../observe/logs.ts'
import type { FromWorker, WorkerConfiguration } from '../protocol/supervision.ts'
import { hearWorker, tellWorker } from './control-lines.ts'

/** What was said last is often the reason of an exit; so many lines are kept. */
const lastLines = 5
/** A grandchild may hold the pipes open for ever; the worker's own last words are there at once. */
const lastWordsMs = 250

export type WorkerReports = Readonly<{
  /** null: it broke the protocol. */
  said: (message: FromWorker | null) => void
  /** `last`: its last lines on stderr. */
  ended: (end: ProcessEnd, last: string) => void
}>

export class WorkerProcess {
  readonly startedAt = new Date()
  readonly pid: number
  readonly #child: ChildProcess
  readonly #control: Socket
  readonly #lines: string[] = []

  /**
   * @param place working directory, and the bound socket that becomes its descriptor 4
   * @throws Error when it cannot be spawned at all
   */
  constructor(
    command: Command,
    place: { cwd: string; listeningFd: number },
    { group, log, reports }: { group: string; log: Log; reports: WorkerReports },
  ) {
    const { child, stdout, stderr, control } = spawnWorker(command, place)
    this.#child = child
    this.#control = control
    this.pid = child.pid ?? 0
    const speaker = { group, pid: this.pid }
    const remember = (text: string): void => {
      this.#lines.push(text)
      if (this.#lines.length > lastLines) this.#lines.shift()
    }
    captureOutput(stdout, log, { level: 'stdout', speaker })
    captureOutput(stderr, log, { level: 'stderr', speaker, onLine: remember })
    hearWorker(control, reports.said)
    child.on('error', (error) => {
      // Also raised when a signal cannot be sent; only without a pid was nothing ever started.
      if (child.pid === undefined) reports.ended({ code: null, signal: null }, error.message)
    })
    child.on('exit', (code, signal) => {
      void this.#lastWords([control, stderr]).then(() => reports.ended({ code, signal }, this.#lines.join(' | ')))
    })
  }

  configure(configuration: WorkerConfiguration): void {
    tellWorker(this.#control, configuration)
  }

  drain(): void {
    tellWorker(this.#control, { type: 'drain' })
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#child.kill(signal)
  }

  /** Lets go of the pipes, for the case that a grandchild keeps them open. */
  close(): void {
    for (const stream of this.#child.stdio) stream?.destroy()
  }

  /** An exit can overtake what was written before it. */
  async #lastWords(streams: readonly Readable[]): Promise<void> {
    const signal = AbortSignal.timeout(lastWordsMs)
    await Promise.allSettled(streams.map((stream) => finished(stream, { writable: false, signal })))
  }
}
