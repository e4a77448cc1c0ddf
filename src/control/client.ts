// The commands' end of the control socket. Says by a typed error why a supervisor cannot be asked.
import { request, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { codeOf } from '../errno.ts'
import type { DebugLine, DebugQuestion } from './debug-line.ts'
import type { ProgressLine } from './progress-line.ts'
import type { StacksAnswer } from './stacks-document.ts'
import type { StatusDocument } from './status-document.ts'

/** `not-running`: nobody listens; `denied`: the socket is another account's; `broken-off`: it has ended meanwhile; `failed`: it answered with an error. */
export class ControlError extends Error {
  readonly code: 'not-running' | 'denied' | 'broken-off' | 'failed'

  constructor(code: ControlError['code'], message: string) {
    super(message)
    this.code = code
  }

  /** Whether asking again would not help. */
  get isFinal(): boolean {
    return this.code === 'not-running' || this.code === 'denied'
  }
}

/** A supervisor by the path of its control socket. */
export class ControlClient {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** @param patienceMs how long the answer may take @throws ControlError */
  async status(patienceMs = answerTimeoutMs): Promise<StatusDocument> {
    // Supervisor and command are of one package; a supervisor that outlived an upgrade says its version in the document.
    return (await this.#ask('GET', '/status', patienceMs)) as StatusDocument
  }

  /** @throws ControlError */
  async stacks(group: string): Promise<StacksAnswer> {
    const query = new URLSearchParams({ group }).toString()
    return (await this.#ask('GET', `/stacks?${query}`, answerTimeoutMs)) as StacksAnswer
  }

  /**
   * Stops the server and waits until it has ended, as long as it says that it may take.
   *
   * @throws ControlError
   */
  async stop(how: 'graceful' | 'now'): Promise<void> {
    const answer = await this.#ask('POST', how === 'now' ? '/stop?now' : '/stop', answerTimeoutMs)
    const { withinMs } = stopBody.parse(answer)
    try {
      await this.#ask('GET', '/ended', withinMs + answerTimeoutMs)
    } catch (error) {
      // It was faster than the question, which may have waited in the backlog of the socket that was closed.
      if (error instanceof ControlError && (error.code === 'not-running' || error.code === 'broken-off')) return
      throw error
    }
  }

  /**
   * Has the running server take its configuration over anew.
   *
   * @param tell gets each line as it comes; the last one is `done` or `refused`
   * @throws ControlError
   */
  reload(tell: (line: ProgressLine) => void): Promise<void> {
    return this.#follow('/reload', tell)
  }

  /** Restarts groups rolling, all without names. @throws ControlError */
  restart(groups: readonly string[], tell: (line: ProgressLine) => void): Promise<void> {
    const query = new URLSearchParams(groups.map((group): [string, string] => ['group', group]))
    return this.#follow(`/restart?${query.toString()}`, tell)
  }

  /**
   * Asks for a worker under a debugger, and keeps asking: when `end` is called, or this process ends, it is over.
   *
   * @param tell gets each line as it comes
   * @returns `over` resolves when the supervisor has said its last line, and rejects with ControlError when it cannot be asked
   */
  debug(question: DebugQuestion, tell: (line: DebugLine) => void): Readonly<{ over: Promise<void>; end: () => void }> {
    const query = new URLSearchParams({ question: JSON.stringify(question) })
    let end: () => void = () => undefined
    const over = new Promise<void>((resolve, reject) => {
      const path = `/debug?${query.toString()}`
      const asked = request({ socketPath: this.#path, method: 'POST', path }, (response) => {
        // Of the same package, as for the status.
        hearLines(response, (line) => tell(line as DebugLine), resolve)
      })
      end = () => void asked.destroy()
      asked.on('error', (error) => reject(failure(error, null)))
      asked.end()
    })
    return { over, end: () => end() }
  }

  /** The worker of a debugger has loaded. @throws ControlError */
  async debugReady(worker: number, pid: number): Promise<void> {
    await this.#ask('POST', `/debug/ready?worker=${worker}&pid=${pid}`, answerTimeoutMs)
  }

  /** No more requests for it; `debug` tells when it has none. @throws ControlError */
  async debugEnd(worker: number): Promise<void> {
    await this.#ask('POST', `/debug/end?worker=${worker}`, answerTimeoutMs)
  }

  /** As long as it takes: what bounds it are the groups' own timeouts. */
  #follow(path: string, tell: (line: ProgressLine) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const broken = new ControlError('failed', 'the supervisor ended before it was done')
      const asked = request({ socketPath: this.#path, method: 'POST', path }, (response) => {
        let last: ProgressLine['type'] | undefined
        const hear = (line: unknown): void => {
          // Of the same package, as for the status.
          const progress = line as ProgressLine
          last = progress.type
          tell(progress)
        }
        hearLines(response, hear, () => (last === 'done' || last === 'refused' ? resolve() : reject(broken)))
      })
      asked.on('error', (error) => reject(failure(error, null)))
      asked.end()
    })
  }

  #ask(method: string, path: string, boundMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(boundMs)
      const asked = request({ socketPath: this.#path, method, path, signal }, (response) => {
        text(response)
          .then((body) => resolve(readAnswer(response.statusCode ?? 0, body)))
          .catch((error: unknown) => reject(failure(error, signal)))
      })
      asked.on('error', (error) => reject(failure(error, signal)))
      asked.end()
    })
  }
}

const answerTimeoutMs = 10_000
const stopBody = z.object({ withinMs: z.number() })
const errorBody = z.object({ error: z.string() })

/**
 * Reads JSON, a line at a time.
 *
 * @param over called at the end, and when it breaks off, perhaps more than once
 */
function hearLines(response: IncomingMessage, hear: (line: unknown) => void, over: () => void): void {
  const lines = createInterface({ input: response })
  lines.on('line', (line) => hear(JSON.parse(line)))
  lines.on('close', over)
  // What breaks the response off, its own `destroy` for one, reaches the lines as well.
  for (const each of [lines, response]) each.on('error', over)
}

function readAnswer(status: number, body: string): unknown {
  const answer: unknown = JSON.parse(body)
  if (status === 200) return answer
  throw new ControlError('failed', errorBody.safeParse(answer).data?.error ?? `the supervisor answered ${status}`)
}

function failure(error: unknown, signal: AbortSignal | null): ControlError {
  if (error instanceof ControlError) return error
  if (signal?.aborted === true) return new ControlError('failed', 'the supervisor did not answer in time')
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return new ControlError('not-running', 'wsgid is not running')
  if (code === 'ECONNRESET') return new ControlError('broken-off', 'the supervisor ended before it answered')
  if (code === 'EACCES' || code === 'EPERM') return new ControlError('denied', 'permission denied')
  return new ControlError('failed', error instanceof Error ? error.message : String(error))
}
