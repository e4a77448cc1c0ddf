// The access logs of a router: which log a request belongs to, and in which format. Lines are collected and leave in large pieces: the files are
// the supervisor's (docs/decisions/0011).
import type { Writable } from 'node:stream'
import type { AccessLogFormat } from '../plan/plan.ts'
import { accessFrame } from '../protocol/access-frames.ts'
import { combinedLine, jsonLine, type LineFormat } from './access-line.ts'
import type { RequestEnd } from './request-end.ts'

/** A log's lines leave when there are so many bytes of them, and once a second. */
const flushBytes = 32_768
const flushMs = 1000
/** So many requests are noted before their lines are made: one after the other they take a fraction of the time. */
const batchLength = 128
/** What may wait for the supervisor; a disk that is further behind loses lines, which are counted. */
const longestBacklog = 16 * 1024 * 1024

const formats: Readonly<Record<Exclude<AccessLogFormat, 'off'>, LineFormat>> = {
  combined: combinedLine,
  json: jsonLine,
}

/** Lines that have not left yet. */
type Destination = { readonly log: string; readonly format: LineFormat; lines: string; count: number }

export class AccessLog {
  readonly #output: Writable
  readonly #lost: (lines: number) => void
  #server: Destination | null = null
  /** Of groups that do not share the server's; null: theirs are not logged. */
  #groups: ReadonlyMap<string, Destination | null> = new Map()
  /** Ended, without a line yet. */
  #ended: RequestEnd[] = []
  #lostLines = 0
  #timer: NodeJS.Timeout | null = null
  #broken = false

  /**
   * @param output where frames go (protocol/access-frames.ts)
   * @param lost told how many lines could not be kept, at most once a second
   */
  constructor(output: Writable, lost: (lines: number) => void) {
    this.#output = output
    this.#lost = lost
    // Nobody is left to write them: the supervisor has died, and its routers are about to end.
    output.on('error', () => (this.#broken = true))
  }

  /** What is logged from now on. @param groups those with a log of their own, or with none */
  configure(server: AccessLogFormat, groups: ReadonlyMap<string, AccessLogFormat>): void {
    this.flush()
    this.#server = destination('', server)
    this.#groups = new Map([...groups].map(([group, format]) => [group, destination(group, format)]))
    if (this.isActive) this.#timer ??= setInterval(() => this.#everySecond(), flushMs).unref()
  }

  /** Whether any request is logged at all. */
  get isActive(): boolean {
    return this.#server !== null || [...this.#groups.values()].some((each) => each !== null)
  }

  /** One request is over. */
  write(end: RequestEnd): void {
    this.#ended.push(end)
    if (this.#ended.length >= batchLength) this.#makeLines()
  }

  /** Hands on everything that was collected. */
  flush(): void {
    this.#makeLines()
    if (this.#server !== null) this.#send(this.#server)
    for (const each of this.#groups.values()) if (each !== null) this.#send(each)
  }

  /** Hands on everything; `done` when the supervisor has all of it, or will never have it. */
  close(done: () => void): void {
    this.flush()
    if (this.#timer !== null) clearInterval(this.#timer)
    if (this.#broken) return done()
    this.#output.on('error', done)
    this.#output.end(done)
  }

  #makeLines(): void {
    const ended = this.#ended
    if (ended.length === 0) return
    this.#ended = []
    // By the clock of now and the time since then: a clock that is set meanwhile does no harm.
    const clock = Date.now() - performance.now()
    for (const end of ended) {
      const own = end.group === null ? undefined : this.#groups.get(end.group)
      const target = own === undefined ? this.#server : own
      if (target === null) continue
      target.lines += target.format(end, clock + end.arrivedAt)
      target.count += 1
      if (target.lines.length >= flushBytes) this.#send(target)
    }
  }

  #send(from: Destination): void {
    if (from.count === 0) return
    if (this.#broken || this.#output.writableLength > longestBacklog) this.#lostLines += from.count
    else this.#output.write(accessFrame(from.log, from.lines), 'latin1')
    from.lines = ''
    from.count = 0
  }

  #everySecond(): void {
    this.flush()
    if (this.#lostLines === 0) return
    this.#lost(this.#lostLines)
    this.#lostLines = 0
  }
}

function destination(log: string, format: AccessLogFormat): Destination | null {
  return format === 'off' ? null : { log, format: formats[format], lines: '', count: 0 }
}
