// What systemd is told about this server, by sd_notify's protocol: when it is ready, reloads, stops, how it is, and that it is alive.
// Without a service manager all of this does nothing.
import type { SendNotification } from '../launch/notify-socket.ts'

type Environment = Readonly<Record<string, string | undefined>>
export type ServiceManagerOptions = Readonly<{
  send: SendNotification | null
  /** WATCHDOG_USEC and WATCHDOG_PID are heeded. */
  environment: Environment
  trouble: (text: string) => void
}>

/** State changes come in bursts: their outcome is told, at most so often. */
const statusEveryMs = 250
/** Beyond what the groups' timeouts give: removing files, closing logs. */
const slackMs = 10_000

/** @see sd_notify(3), sd_watchdog_enabled(3) */
export class ServiceManager {
  readonly #options: ServiceManagerOptions
  readonly #watchdog: NodeJS.Timeout | null
  #sending: Promise<void> = Promise.resolve()
  #statusTimer: NodeJS.Timeout | null = null
  #lastStatus = ''
  /** What the service manager is asked to wait while the server starts; null: it does not start. */
  #startMs: number | null = null
  #extendedAt = 0
  #isReady = false
  #reloads = 0
  #hasFailed = false

  constructor(options: ServiceManagerOptions) {
    this.#options = options
    const every = watchdogMs(options.environment)
    this.#watchdog = options.send === null || every === null ? null : setInterval(() => this.#tell('WATCHDOG=1'), every)
    this.#watchdog?.unref()
  }

  /**
   * How long a start may take stands in the groups' options, which the unit does not know: a group that may take longer than its TimeoutStartSec
   * would have systemd end the server of all, start it again, and so on.
   *
   * @param longestMs how long one worker may take to start. With what changes until it is ready as much time is asked for anew: a worker that crashes is
   *   tried again, and has all of it. A change within the slack after the last asking needs none: that covers it
   */
  starting(longestMs: number): void {
    this.#startMs = longestMs
    this.#extend(longestMs)
  }

  /** Every group has come up or failed. */
  ready(status: string): void {
    this.#startMs = null
    this.#isReady = true
    this.#lastStatus = status
    this.#tell('READY=1', statusLine(status))
  }

  /** Between the two `isReloading`; `done` to be called once. Reloads that overlap are one to the service manager. */
  reloading(): { done: () => void } {
    this.#reloads += 1
    if (this.#isReady && this.#reloads === 1) this.#tell('RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`)
    const done = (): void => {
      this.#reloads -= 1
      if (this.#isReady && this.#reloads === 0) this.#tell('READY=1')
    }
    return { done }
  }

  /** @param longestMs how long it may take by the groups' timeouts: the service manager waits that long */
  stopping(longestMs: number, status: string): void {
    // From here on nothing makes it ready again.
    this.#startMs = null
    this.#isReady = false
    this.#lastStatus = status
    this.#tell('STOPPING=1', extension(longestMs), statusLine(status))
  }

  /** Something has changed; `read` makes the sentence when it is time to tell it. */
  changed(read: () => string): void {
    if (this.#startMs !== null && performance.now() - this.#extendedAt > slackMs) this.#extend(this.#startMs)
    if (this.#options.send === null || !this.#isReady || this.#statusTimer !== null) return
    this.#statusTimer = setTimeout(() => {
      this.#statusTimer = null
      const status = read()
      if (status === this.#lastStatus || !this.#isReady) return
      this.#lastStatus = status
      this.#tell(statusLine(status))
    }, statusEveryMs)
    this.#statusTimer.unref()
  }

  /** Resolves when everything was told. */
  async close(): Promise<void> {
    if (this.#watchdog !== null) clearInterval(this.#watchdog)
    if (this.#statusTimer !== null) clearTimeout(this.#statusTimer)
    await this.#sending
  }

  #extend(ms: number): void {
    this.#extendedAt = performance.now()
    this.#tell(extension(ms))
  }

  #tell(...lines: readonly string[]): void {
    const { send, trouble } = this.#options
    if (send === null) return
    this.#sending = this.#sending
      .then(() => send(lines.join('\n')))
      .catch((error: unknown) => {
        if (this.#hasFailed) return
        this.#hasFailed = true
        trouble(`cannot tell systemd: ${error instanceof Error ? error.message : String(error)}`)
      })
  }
}

const extension = (ms: number): string => `EXTEND_TIMEOUT_USEC=${Math.ceil((ms + slackMs) * 1000)}`

// One line, or the rest would be taken for other assignments.
const statusLine = (status: string): string => `STATUS=${status.replace(/\s+/g, ' ')}`

const monotonicMicroseconds = (): bigint => process.hrtime.bigint() / 1000n

/** Half of what the service manager waits, as sd_watchdog_enabled(3) advises; null when it does not watch this process. */
function watchdogMs({ WATCHDOG_USEC: microseconds = '', WATCHDOG_PID: pid }: Environment): number | null {
  if (!/^[1-9]\d*$/.test(microseconds) || (pid !== undefined && pid !== String(process.pid))) return null
  return Math.max(1, Math.min(Number(microseconds) / 2000, 2 ** 31 - 1))
}
