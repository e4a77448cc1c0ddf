// The root process, put together: provisions, machines, children, control socket, signals. Decides nothing; see lifecycle/.
import type { Server } from 'node:http'
import { serveControl } from '../control/server.ts'
import type { StatusDocument } from '../control/status-document.ts'
import { outcomeOf } from '../lifecycle/public-state.ts'
import type { SupervisorEffect } from '../lifecycle/supervisor.ts'
import type { ServerPlan } from '../plan/plan.ts'
import { instant } from '../units.ts'
import { now } from './alarm.ts'
import { carryOutForFleet, carryOutForGroup, type World } from './carry-out.ts'
import { Machines } from './machines.ts'
import { takeProvisions, type Provisions } from './provisions.ts'
import { gracefulTimeoutOf, RouterChildren } from './router-children.ts'
import { RouterReports } from './router-reports.ts'
import { controlSocketIn } from './run-dir.ts'
import { handleSignals } from './signals.ts'
import { readStatus } from './status.ts'
import { WorkerChildren } from './worker-children.ts'

/** Where the programs of this package stand, and its version. */
export type Installation = Readonly<{ routerProgram: string; workerDirectory: string; version: string }>

/** How a start went: `failure` when the whole server could not, else an outcome for each group. */
export type StartReport = Readonly<{
  failure: string | null
  listen: readonly string[]
  groups: readonly Readonly<{ name: string; processes: number; error: string | null }>[]
}>

const notStarted = (failure: string): StartReport => ({ failure, listen: [], groups: [] })

/** A supervisor in this process. */
export class RunningSupervisor {
  /** Every group has come up or failed, or the server could not start. */
  readonly started: Promise<StartReport>
  /** Nothing is left: children gone, files removed, run-dir free. */
  readonly ended: Promise<void>
  readonly #plan: ServerPlan
  readonly #provisions: Provisions
  readonly #machines: Machines
  readonly #sources: Parameters<typeof readStatus>[0]
  #reportStart: (report: StartReport) => void = () => undefined
  #reportEnd: () => void = () => undefined
  #control: Server | null = null

  constructor(plan: ServerPlan, provisions: Provisions, installation: Installation) {
    this.#plan = plan
    this.#provisions = provisions
    this.started = new Promise((resolve) => (this.#reportStart = resolve))
    this.ended = new Promise((resolve) => (this.#reportEnd = resolve))
    const { logs, tools, slots, listeners } = provisions
    const reports = new RouterReports()
    const post: World['post'] = (input) => machines.post(input)
    const workers = new WorkerChildren(plan, slots, { tools, logs, post })
    const routers = new RouterChildren(plan, {
      ...{ tools, logs, listeners, reports, post, program: installation.routerProgram },
      addressOf: ({ group, worker }) => workers.address(group, worker),
      listenFailed: (reason) => this.#failStart(reason),
    })
    const world = { workers, routers, logs, post }
    const machines = new Machines(plan.groups, plan, {
      group: (group, effect) => carryOutForGroup(world, group, effect),
      fleet: (effect) => {
        carryOutForFleet(world, effect)
        if (effect.type === 'release') this.#checkRouters()
      },
      supervisor: (effect) => this.#carryOut(effect),
    })
    this.#machines = machines
    const listen = listeners.map(({ url }) => url)
    this.#sources = {
      version: installation.version,
      startedAt: new Date(),
      plan,
      listen,
      machines,
      workers,
      routers,
      reports,
    }
  }

  /** Opens the control socket, heeds signals and starts the children. */
  async begin(): Promise<void> {
    const { logs } = this.#provisions
    const stopHeeding = handleSignals({
      stop: (how) => this.#stopBecause(how, 'a signal'),
      reopenLogs: () => logs.reopen(),
    })
    void this.ended.then(stopHeeding)
    this.#control = await serveControl(controlSocketIn(this.#plan.runDir), {
      status: () => this.status(),
      stop: (how) => {
        this.#stopBecause(how, 'wsgid stop')
        return longestEnd(this.#plan)
      },
      ended: this.ended,
      trouble: (error) => logs.say('error', { pid: process.pid }, `control socket: ${error.message}`),
    })
    logs.say('info', { pid: process.pid }, `wsgid ${this.#sources.version} starting`)
    this.#machines.begin()
  }

  status(): Promise<StatusDocument> {
    return readStatus(this.#sources)
  }

  /** Begins to stop, or to stop faster; `ended` tells when it is over. */
  stop(how: 'graceful' | 'now'): void {
    const groups = this.#plan.groups.length
    const until = instant(now() + gracefulTimeoutOf(this.#plan))
    const event = how === 'now' ? ({ type: 'stop-now', groups } as const) : ({ type: 'stop', until, groups } as const)
    this.#machines.post({ to: 'supervisor', event })
  }

  #stopBecause(how: 'graceful' | 'now', why: string): void {
    this.#provisions.logs.say('info', { pid: process.pid }, `stopping, ${how} (${why})`)
    this.stop(how)
  }

  #carryOut(effect: SupervisorEffect): void {
    switch (effect.type) {
      case 'report-started':
        return this.#announceStart()
      case 'drain-routers':
        return this.#machines.post({ to: 'fleet', event: { type: 'drain', until: effect.until } })
      case 'terminate-routers':
        return this.#machines.post({ to: 'fleet', event: { type: 'terminate' } })
      case 'stop-groups':
        for (const { plan } of this.#machines.groups) {
          this.#machines.post({ to: 'group', group: plan.name, event: { type: 'stop', until: effect.until } })
        }
        return
      case 'terminate-groups':
        for (const { plan } of this.#machines.groups) {
          this.#machines.post({ to: 'group', group: plan.name, event: { type: 'terminate' } })
        }
        return
      case 'finish':
        return void this.#finish()
    }
  }

  #announceStart(): void {
    const groups = [...this.#machines.groups].map(({ plan, limits, state }) => ({
      name: plan.name,
      processes: plan.processes,
      error:
        outcomeOf(state, limits) === 'failed' ? (state.trouble?.detail ?? 'its workers end again and again') : null,
    }))
    this.#provisions.logs.say('info', { pid: process.pid }, `running, listening on ${this.#sources.listen.join(', ')}`)
    this.#reportStart({ failure: null, listen: this.#sources.listen, groups })
  }

  /** Without routers there is no server; once it has run, they are tried again for ever. */
  #checkRouters(): void {
    const { fleet } = this.#machines
    if (fleet.backoff.setbacks > this.#plan.routers)
      this.#failStart('the routers end as soon as they start; see the log')
  }

  #failStart(reason: string): void {
    if (this.#machines.supervisor.phase !== 'starting') return
    this.#reportStart(notStarted(reason))
    this.stop('now')
  }

  async #finish(): Promise<void> {
    const { logs, release } = this.#provisions
    logs.say('info', { pid: process.pid }, 'stopped')
    // Before the run-dir is free: closing removes the socket's path, which may be a successor's later. Open connections stay.
    this.#control?.close()
    await release()
    this.#reportStart(notStarted('it was stopped before it had started'))
    // Who asked for the stop is answered by this.
    this.#reportEnd()
  }
}

/** Milliseconds from a stop to the SIGKILL of the last worker. */
function longestEnd(plan: ServerPlan): number {
  return gracefulTimeoutOf(plan) + Math.max(0, ...plan.groups.map(({ shutdownTimeout }) => shutdownTimeout))
}

/**
 * Starts a supervisor in this process.
 *
 * @throws AlreadyRunningError, or Error when an address, a directory or a log cannot be had
 */
export async function startSupervisor(plan: ServerPlan, installation: Installation): Promise<RunningSupervisor> {
  process.umask(0o022)
  const provisions = await takeProvisions(plan, installation.workerDirectory)
  try {
    const supervisor = new RunningSupervisor(plan, provisions, installation)
    await supervisor.begin()
    return supervisor
  } catch (error) {
    await provisions.release()
    throw error
  }
}
