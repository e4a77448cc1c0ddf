// The root process, put together: provisions, machines, children, control socket, signals. Decides nothing; see lifecycle/.
import type { Server } from 'node:http'
import { serveControl } from '../control/server.ts'
import type { ProgressLine } from '../control/progress-line.ts'
import type { StatusDocument } from '../control/status-document.ts'
import { lookAtSources } from '../facts/configuration-sources.ts'
import { resolvePlan } from '../facts/resolve-plan.ts'
import { outcomeOf } from '../lifecycle/group-roll.ts'
import { summarise } from '../lifecycle/summary.ts'
import type { Group, GroupEvent } from '../lifecycle/group-state.ts'
import type { SupervisorEffect } from '../lifecycle/supervisor.ts'
import type { SendNotification } from '../launch/notify-socket.ts'
import { processGroupOf } from '../plan/application-groups.ts'
import type { GroupPlan, ServerPlan } from '../plan/plan.ts'
import { instant } from '../units.ts'
import { adminAnswers } from './admin-answers.ts'
import { AccessLines } from './access-lines.ts'
import { ConfigurationWatch } from './configuration-watch.ts'
import { carryOutForFleet, carryOutForGroup, type World } from './carry-out.ts'
import { Credentials } from './credentials.ts'
import { DebugSessions } from './debug-sessions.ts'
import { stateOfParts } from './group-parts.ts'
import { Machines } from './machines.ts'
import { Operations } from './operations.ts'
import { joinErrors } from './part-outcomes.ts'
import { Progress } from './progress.ts'
import { takeProvisions, type Provisions } from './provisions.ts'
import { RoutePlan } from './route-plan.ts'
import { RouterChildren } from './router-children.ts'
import { RouterReports } from './router-reports.ts'
import { controlSocketIn } from './run-dir.ts'
import { identityOfScripts } from './script-files.ts'
import { ServiceManager } from './service-manager.ts'
import { handleSignals } from './signals.ts'
import { sharedStacks } from './stacks.ts'
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

/** A group has come up while the others still start; `listen` is empty as long as nobody listens. What is told here is in the StartReport again. */
export type GroupUp = Readonly<{ listen: readonly string[]; name: string; processes: number; groups: number }>

type Surroundings = Readonly<{
  installation: Installation
  notify: SendNotification | null
  groupUp: (group: GroupUp) => void
}>

const notStarted = (failure: string): StartReport => ({ failure, listen: [], groups: [] })

/** A supervisor in this process. */
export class RunningSupervisor {
  /** Every group has come up or failed, or the server could not start. */
  readonly started: Promise<StartReport>
  /** Nothing is left: children gone, files removed, run-dir free. */
  readonly ended: Promise<void>
  readonly #provisions: Provisions
  readonly #workers: WorkerChildren
  readonly #accessLines: AccessLines
  readonly #debugging: DebugSessions
  readonly #machines: Machines
  readonly #operations: Operations
  readonly #sources: Parameters<typeof readStatus>[0]
  #reportStart: (report: StartReport) => void = () => undefined
  #reportEnd: () => void = () => undefined
  #control: Server | null = null
  readonly #serviceManager: ServiceManager
  readonly #watch: ConfigurationWatch

  readonly #groupUp: Surroundings['groupUp']
  /** Groups that `groupUp` was told of. */
  readonly #announced = new Set<string>()

  constructor(plan: ServerPlan, provisions: Provisions, { installation, notify, groupUp }: Surroundings) {
    this.#groupUp = groupUp
    this.#provisions = provisions
    this.started = new Promise((resolve) => (this.#reportStart = resolve))
    this.ended = new Promise((resolve) => (this.#reportEnd = resolve))
    const { logs, tools, listeners } = provisions
    const reports = new RouterReports()
    const post: World['post'] = (input) => machines.post(input)
    const workers = new WorkerChildren({ tools, logs, post, runDir: plan.runDir, privileged: plan.privileged })
    const routes = new RoutePlan(workers, (groups) => routers.reroute(groups))
    const knows = (group: string): boolean => machines.group(group) !== undefined
    this.#accessLines = new AccessLines({ logs, knows: (processGroup) => machines.byName.has(processGroup) })
    const { privileged } = plan
    const credentials = new Credentials({ logs, privileged, planOf: (group) => machines.group(group)?.plan })
    const routers = new RouterChildren({
      ...{ tools, logs, reports, credentials, post, program: installation.routerProgram },
      identity: plan.privileged ? plan.routerIdentity : null,
      accessLines: this.#accessLines,
      listeners: () => listeners.all,
      settings: () => this.#operations.plan.routerSettings,
      routes: () => routes.groups,
      announcementOf: (name) => debugging.announcementOf(name) ?? workers.announcementOf(name),
      knows,
      scriptsOf: (group) => scriptsOf(machines, group),
      listenFailed: (reason) => this.#failStart(reason),
    })
    const progress = new Progress()
    const debugging = new DebugSessions({
      ...{ machines: () => machines, workers, logs, post },
      flushRoutes: () => routes.flush(),
    })
    this.#debugging = debugging
    const world = { workers, routers, routes, credentials, debugging, logs, progress, post }
    const machines = new Machines(plan, {
      group: (entry, effect) => {
        carryOutForGroup(world, entry, effect)
        this.#serviceManager.changed(() => this.#summary())
      },
      fleet: (effect) => {
        carryOutForFleet(world, effect)
        if (effect.type === 'release') this.#checkRouters(plan.routers)
      },
      supervisor: (effect) => this.#carryOut(effect),
    })
    const resolve = () =>
      plan.configFile === null
        ? Promise.resolve({ ok: true, plan, warnings: [], leftOut: [] } as const)
        : resolvePlan(plan.configFile)
    const operated = { machines, workers, routers, routes, progress, provisions, debugging }
    this.#operations = new Operations(plan, { ...operated, resolve })
    this.#watch = new ConfigurationWatch({
      look: () => lookAtSources(plan.configFile ?? ''),
      changed: () => this.#reload('watch: the configuration has changed', () => undefined),
      trouble: (text) => logs.say('error', { pid: process.pid }, text),
    })
    this.#serviceManager = new ServiceManager({
      send: notify,
      environment: process.env,
      trouble: (text) => logs.say('error', { pid: process.pid }, text),
    })
    this.#workers = workers
    this.#machines = machines
    this.#sources = {
      version: installation.version,
      startedAt: new Date(),
      plan: () => this.#operations.plan,
      listen: () => this.#listen,
      admin: () => provisions.admin.url,
      ...{ machines, workers, routers, reports },
    }
    provisions.admin.answerBy(adminAnswers(this.#sources))
  }

  /** Opens the control socket, heeds signals and starts the children. */
  async begin(): Promise<void> {
    const { logs } = this.#provisions
    this.#serviceManager.starting(longestStart(this.#operations.plan))
    const stopHeeding = handleSignals({
      stop: (how) => this.#stopBecause(how, 'a signal'),
      reopenLogs: () => logs.reopen(),
      reload: () => void this.#reload('SIGHUP', () => undefined),
      restart: () => void this.#restart([], 'SIGUSR2', () => undefined),
    })
    void this.ended.then(stopHeeding)
    this.#control = await serveControl(controlSocketIn(this.#operations.plan.runDir), {
      status: () => this.status(),
      stacks: sharedStacks(this.#sources),
      stop: (how) => {
        this.#stopBecause(how, 'wsgid stop')
        return longestEnd(this.#machines)
      },
      reload: (tell) => this.#reload('wsgid reload', tell),
      restart: (groups, tell) => this.#restart(groups, 'wsgid restart', tell),
      debug: (question, tell, gone) => this.#debugging.open(question, tell, gone),
      debugReady: (worker, pid) => this.#debugging.ready(worker, pid),
      debugEnd: (worker) => this.#debugging.end(worker),
      ended: this.ended,
      trouble: (error) => logs.say('error', { pid: process.pid }, `control socket: ${error.message}`),
    })
    logs.say('info', { pid: process.pid }, `wsgid ${this.#sources.version} starting`)
    this.#machines.post({ to: 'fleet', event: { type: 'begin' } })
    this.#operations.begin((group) => this.#announceGroup(group))
    this.#watch.set(this.#operations.plan.watch)
  }

  status(): Promise<StatusDocument> {
    return readStatus(this.#sources)
  }

  /** Begins to stop, or to stop faster; `ended` tells when it is over. */
  stop(how: 'graceful' | 'now'): void {
    const machines = this.#machines
    this.#debugging.endOf(null, 'the server stops')
    const groups = [...machines.groups].filter(({ state }) => state.phase !== 'gone').length
    const until = instant(machines.now() + longestGrace(machines))
    const event = how === 'now' ? ({ type: 'stop-now', groups } as const) : ({ type: 'stop', until, groups } as const)
    machines.post({ to: 'supervisor', event })
  }

  get #listen(): readonly string[] {
    return this.#provisions.listeners.all.map(({ url }) => url)
  }

  async #reload(why: string, tell: (line: ProgressLine) => void): Promise<void> {
    this.#provisions.logs.say('info', { pid: process.pid }, `reloading (${why})`)
    const announced = this.#serviceManager.reloading()
    await this.#operations.reload(tell).finally(announced.done)
    this.#watch.set(this.#operations.plan.watch)
  }

  async #restart(groups: readonly string[], why: string, tell: (line: ProgressLine) => void): Promise<void> {
    const which = groups.length === 0 ? 'all groups' : groups.join(', ')
    this.#provisions.logs.say('info', { pid: process.pid }, `restarting ${which} (${why})`)
    await this.#operations.restart(groups, tell)
  }

  #stopBecause(how: 'graceful' | 'now', why: string): void {
    this.#provisions.logs.say('info', { pid: process.pid }, `stopping, ${how} (${why})`)
    this.#serviceManager.stopping(longestEnd(this.#machines), `stopping (${why}): running requests finish`)
    this.stop(how)
  }

  #carryOut(effect: SupervisorEffect): void {
    const machines = this.#machines
    switch (effect.type) {
      case 'report-started':
        return this.#announceStart()
      case 'drain-routers':
        machines.post({ to: 'fleet', event: { type: 'drain', until: effect.until } })
        return this.#closeListeners()
      case 'terminate-routers':
        this.#closeListeners()
        return machines.post({ to: 'fleet', event: { type: 'terminate' } })
      case 'close-groups':
        return this.#tellGroups(({ gracefulTimeout }) => ({
          type: 'close',
          until: instant(Math.min(effect.until, machines.now() + gracefulTimeout)),
        }))
      case 'stop-groups':
        return this.#tellGroups(() => ({ type: 'stop', until: effect.until }))
      case 'terminate-groups':
        return this.#tellGroups(() => ({ type: 'terminate' }))
      case 'finish':
        return void this.#finish()
    }
  }

  /** While one copy of a socket is open the kernel takes connections that nobody will accept. */
  #closeListeners(): void {
    this.#provisions.listeners.close()
  }

  #tellGroups(eventFor: (plan: GroupPlan) => StopEvent): void {
    for (const { plan } of this.#machines.groups) {
      this.#machines.post({ to: 'group', group: plan.name, event: eventFor(plan) })
    }
  }

  /** A part of a group is up: it is told when all of them are. */
  #announceGroup(part: string): void {
    const machines = this.#machines
    const name = processGroupOf(part)
    if (machines.supervisor.phase !== 'starting' || this.#announced.has(name)) return
    const states = machines.partsOf(name).map(({ state }) => state)
    if (states.some((state) => outcomeOf(state) !== 'ready')) return
    this.#announced.add(name)
    // Clients are refused until a router listens.
    const listens = machines.fleet.members.some(({ router }) => router.phase === 'ready')
    const listen = listens ? this.#listen : []
    this.#groupUp({ listen, name, processes: targetOf(states), groups: machines.byName.size })
  }

  #announceStart(): void {
    const groups = Array.from(this.#machines.byName, ([name, parts]) => ({
      name,
      processes: targetOf(parts.map(({ state }) => state)),
      error: joinErrors(parts.map(({ plan, state }) => ({ group: plan.name, error: startErrorOf(state) }))),
    }))
    this.#provisions.logs.say('info', { pid: process.pid }, `running, listening on ${this.#listen.join(', ')}`)
    this.#reportStart({ failure: null, listen: this.#listen, groups })
    this.#serviceManager.ready(this.#summary())
  }

  #summary(): string {
    return summarise(Array.from(this.#machines.byName, ([name, parts]) => ({ name, state: stateOfParts(parts) })))
  }

  /** Without routers there is no server; once it has run, they are tried again for ever. */
  #checkRouters(routers: number): void {
    if (this.#machines.fleet.backoff.setbacks > routers)
      this.#failStart('the routers end as soon as they start; see the log')
  }

  #failStart(reason: string): void {
    if (this.#machines.supervisor.phase !== 'starting') return
    this.#reportStart(notStarted(reason))
    this.stop('now')
  }

  async #finish(): Promise<void> {
    this.#watch.close()
    const { logs, release } = this.#provisions
    await this.#workers.close()
    await this.#accessLines.close()
    logs.say('info', { pid: process.pid }, 'stopped')
    // Before the run-dir is free: closing removes the socket's path, which may be a successor's later. Open connections stay.
    this.#control?.close()
    await release()
    await this.#serviceManager.close()
    this.#reportStart(notStarted('it was stopped before it had started'))
    // Who asked for the stop is answered by this.
    this.#reportEnd()
  }
}

type Undated<Event> = Event extends unknown ? Omit<Event, 'at' | 'random'> : never
type StopEvent = Undated<Extract<GroupEvent, { type: 'close' | 'stop' | 'terminate' }>>

/** Workers that these parts of a group shall have together. */
const targetOf = (parts: readonly Group[]): number => parts.reduce((sum, { target }) => sum + target, 0)

/** Why it did not start; null: it did. */
function startErrorOf(state: Group): string | null {
  if (outcomeOf(state) !== 'failed') return null
  return state.trouble?.detail ?? 'its workers end again and again'
}

/** The server outlives the longest grace that any group gives its requests. */
function longestGrace({ groups }: Machines): number {
  return Math.max(0, ...[...groups].map(({ plan }) => plan.gracefulTimeout))
}

/** Milliseconds that a worker may take to start. */
function longestStart({ groups }: ServerPlan): number {
  return Math.max(0, ...groups.map(({ startupTimeout }) => startupTimeout))
}

/** Milliseconds from a stop to the SIGKILL of the last worker. */
function longestEnd(machines: Machines): number {
  return longestGrace(machines) + Math.max(0, ...[...machines.groups].map(({ plan }) => plan.shutdownTimeout))
}

function scriptsOf(machines: Machines, group: string): string {
  const plan = machines.group(group)?.plan
  return plan === undefined ? '' : identityOfScripts(plan)
}

/** `notify`: the way to the service manager that waits for this process; null: none does. */
type StartOptions = Readonly<{ notify?: SendNotification | null; groupUp?: (group: GroupUp) => void }>

/**
 * Starts a supervisor in this process.
 *
 * @throws AlreadyRunningError, or Error when an address, a directory or a log cannot be had
 */
export async function startSupervisor(
  plan: ServerPlan,
  installation: Installation,
  { notify = null, groupUp = () => undefined }: StartOptions = {},
): Promise<RunningSupervisor> {
  process.umask(0o022)
  const provisions = await takeProvisions(plan, installation.workerDirectory)
  try {
    const supervisor = new RunningSupervisor(plan, provisions, { installation, notify, groupUp })
    await supervisor.begin()
    return supervisor
  } catch (error) {
    await provisions.release()
    throw error
  }
}
