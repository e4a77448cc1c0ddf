// Has passwords checked in threads: the event loop of the router goes on, and no group keeps the others waiting. Bounded: too many are refused.
import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { PasswordQuestion } from './password-thread.ts'

const THREADS = 2
/** Of one group, and of all. */
const MOST_WAITING_OF_GROUP = 32
const MOST_WAITING = 512

export type CheckResult = 'right' | 'wrong' | 'busy'

type Job = Readonly<{ group: string; question: PasswordQuestion; tell: (result: CheckResult) => void }>

export class PasswordChecker {
  readonly #program: URL
  readonly #idle: Worker[] = []
  #threads = 0
  /** In the order in which groups have their next turn. */
  readonly #waiting = new Map<string, Job[]>()
  #waitingCount = 0
  readonly #running = new Set<string>()

  /** @param program password-thread.js beside this file */
  constructor(program = new URL('./password-thread.js', import.meta.url)) {
    this.#program = program
  }

  /**
   * Starts the threads now if they could not be started later, by somebody who is not root. Threads are otherwise started when the first password comes: each takes
   * 10 MB.
   */
  prepareForChange(): void {
    if (isOpenToAll(fileURLToPath(this.#program))) return
    while (this.#threads < THREADS) this.#idle.push(this.#start())
  }

  /** @param group whose users they are: one of its passwords is checked at a time, so that slow hashes of one do not hold up others */
  check(group: string, question: PasswordQuestion): Promise<CheckResult> {
    const jobs = this.#waiting.get(group) ?? []
    if (jobs.length >= MOST_WAITING_OF_GROUP || this.#waitingCount >= MOST_WAITING) return Promise.resolve('busy')
    return new Promise((tell) => {
      jobs.push({ group, question, tell })
      this.#waiting.set(group, jobs)
      this.#waitingCount += 1
      this.#next()
    })
  }

  #next(): void {
    for (const [group, jobs] of this.#waiting) {
      if (this.#running.has(group)) continue
      const thread = this.#thread()
      if (thread === undefined) return
      const job = jobs.shift()
      this.#waiting.delete(group)
      // Behind the others, if it has more.
      if (jobs.length > 0) this.#waiting.set(group, jobs)
      if (job === undefined) continue
      this.#waitingCount -= 1
      this.#run(job, thread)
    }
  }

  #thread(): Worker | undefined {
    return this.#idle.pop() ?? (this.#threads < THREADS ? this.#start() : undefined)
  }

  #run(job: Job, thread: Worker): void {
    this.#running.add(job.group)
    const settle = (result: CheckResult): void => {
      thread.off('message', answered).off('exit', gone)
      this.#running.delete(job.group)
      job.tell(result)
      this.#next()
    }
    const answered = (right: unknown): void => {
      this.#idle.push(thread)
      settle(right === true ? 'right' : 'wrong')
    }
    const gone = (): void => settle('busy')
    thread.on('message', answered).on('exit', gone)
    thread.postMessage(job.question)
  }

  #start(): Worker {
    const thread = new Worker(this.#program, { resourceLimits: { maxOldGenerationSizeMb: 32 } })
    this.#threads += 1
    thread.unref()
    thread.on('error', (error) => process.stderr.write(`a thread that checks passwords failed: ${String(error)}\n`))
    thread.on('exit', () => {
      this.#threads -= 1
      const index = this.#idle.indexOf(thread)
      if (index >= 0) this.#idle.splice(index, 1)
    })
    return thread
  }
}

/** Whether everybody can read it, and what is installed beside it. */
function isOpenToAll(path: string): boolean {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    if ((statSync(directory).mode & 0o001) === 0) return false
    if (directory === '/') break
  }
  accessSync(path, constants.R_OK)
  return (statSync(path).mode & 0o004) !== 0
}
