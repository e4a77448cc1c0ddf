// Asks the routers for their numbers and collects the answers, within bounded time.
import type { FromRouter } from '../protocol/supervision.ts'
import { RequestTotals } from './request-totals.ts'
import { WorkerTotals } from './worker-totals.ts'

export type RouterReport = Extract<FromRouter, { type: 'reported' }>

/** A router that is busier than this is left out of this status. */
const patienceMs = 500

type Question = { awaited: Set<number>; reports: Map<number, RouterReport>; done: () => void }

export class RouterReports {
  readonly totals = new RequestTotals()
  readonly workers = new WorkerTotals()
  /** The newest of each router that is not gone. */
  readonly #latest = new Map<number, RouterReport>()
  #sequence = 0
  readonly #questions = new Map<number, Question>()

  /**
   * @param routers numbers of the routers to ask
   * @param ask sends the question with this sequence number
   * @returns the answers that came in time, by router
   */
  async collect(
    routers: readonly number[],
    ask: (sequence: number) => void,
  ): Promise<ReadonlyMap<number, RouterReport>> {
    const sequence = (this.#sequence += 1)
    const reports = new Map<number, RouterReport>()
    if (routers.length === 0) return reports
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs)
      const done = (): void => {
        clearTimeout(timer)
        resolve()
      }
      this.#questions.set(sequence, { awaited: new Set(routers), reports, done })
      ask(sequence)
    })
    this.#questions.delete(sequence)
    return reports
  }

  /** What a router said last, maybe long ago. */
  latest(router: number): RouterReport | undefined {
    return this.#latest.get(router)
  }

  /** A router is gone for ever. */
  ended(router: number): void {
    this.totals.ended(router)
    this.workers.ended(router)
    this.#latest.delete(router)
  }

  arrived(router: number, report: RouterReport): void {
    // Also what comes too late for the question.
    this.totals.heard(router, report.groups)
    this.workers.heard(router, report.workers)
    this.#latest.set(router, report)
    const question = this.#questions.get(report.sequence)
    if (question?.awaited.delete(router) !== true) return
    question.reports.set(router, report)
    if (question.awaited.size === 0) question.done()
  }
}
