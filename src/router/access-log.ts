// The access logs of a router: which log a request belongs to, and in which format. Lines are collected and leave in large pieces: the files are
// the supervisor's (docs/decisions/0011).
import type { Writable } from 'node:stream'
import type { AccessLogFormat } from '../plan/plan.ts'
import { AccessFrame } from '../protocol/access-frames.ts'
import { combinedLine, jsonLine, type LineFormat } from './access-line.ts'
import type { RequestEnd } from './request-end.ts'

/** A log's lines leave when they fill so much, and once a second. */
const frameBytes = 131_072
const flushMs = 1000
/** What may wait for the supervisor; a disk that is further behind loses lines, which are counted. */
const longestBacklog = 16 * 1024 * 1024

const formats: Readonly<Record<Exclude<AccessLogFormat, 'off'>, LineFormat>> = {
  combined: combinedLine,
  json: jsonLine,
}

/** `frame`: lines that have not left yet, so many as `count` says. */
type Destination = { readonly log: string; readonly format: LineFormat; frame: AccessFrame | null; count: number }

export class AccessLog {
  readonly #output: Writable
  readonly #lost: (lines: number) => void
  #server: Destination | null = null
  /** Of groups that do not share the server's; null: theirs are not logged. */
  #groups: ReadonlyMap<string, Destination | null> = new Map()
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
    const own = end.group === null ? undefined : this.#groups.get(end.group)
    const target = own === undefined ? this.#server : own
    if (target === null) return
    // By the clock of now and the time since then: a clock that is set meanwhile does no harm.
    const line = target.format(end, Date.now() - (end.endedAt - end.arrivedAt))
    if (target.frame?.append(line) !== true) {
      this.#send(target)
      target.frame = new AccessFrame(target.log, frameBytes)
      target.frame.append(line)
    }
    target.count += 1
  }

  /** Hands on everything that was collected. */
  flush(): void {
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

  #send(from: Destination): void {
    if (from.frame === null) return
    if (this.#broken || this.#output.writableLength > longestBacklog) this.#lostLines += from.count
    else this.#output.write(from.frame.finish())
    from.frame = null
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
  return format === 'off' ? null : { log, format: formats[format], frame: null, count: 0 }
}
