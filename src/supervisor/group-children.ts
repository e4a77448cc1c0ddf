// The processes of one group: a template process for each generation, and the workers forked from them. Turns what they say into events.
import { existsSync } from 'node:fs'
import type { DebugLaunch, DebugQuestion } from '../control/debug-line.ts'
import type { ExitReason, ProcessEnd } from '../lifecycle/exit-reason.ts'
import { workerCommand, type Tools } from '../launch/argv.ts'
import { programInChroot } from '../launch/program-copy.ts'
import type { Logs } from '../observe/logs.ts'
import {
  commonApplications,
  numberApplications,
  placeApplications,
  type ApplicationNumbers,
  type NumberedApplication,
} from '../plan/application-numbers.ts'
import type { GroupPlan } from '../plan/plan.ts'
import type { FromTemplate } from '../protocol/supervision.ts'
import { milliseconds } from '../units.ts'
import { ExitHistory } from './exit-history.ts'
import type { Input } from './machines.ts'
import { startTimeOf } from './pid-file.ts'
import { workerProgramIn } from './run-dir.ts'
import { forbiddenScript, identityOfScripts } from './script-files.ts'
import type { Slots } from './slots.ts'
import { debuggedConfiguration, templateConfiguration } from './template-configuration.ts'
import { TemplateProcess } from './template-process.ts'

/** A start as the group's reducer wants it. */
export type WorkerStart = Readonly<{ number: number; slot: number; generation: number }>

/** A worker that was forked: pid and start time together are never used again. */
export type Fork = Readonly<{ pid: number; startTime: string | null; startedAt: Date }>

export type ChildrenWorld = Readonly<{
  tools: Tools
  logs: Logs
  post: (input: Input) => void
  runDir: string
  privileged: boolean
}>

type Generation = { readonly plan: GroupPlan; template: Template | null }
type Template = { readonly process: TemplateProcess; readonly slots: number }
type Running = {
  readonly start: WorkerStart
  readonly template: Template
  fork: Fork | null
  end: ProcessEnd | null
  /** Was asked for its stacks and has not answered yet: it is not asked again, its socket has an end. */
  owesStacks: boolean
  hearStacks: HearStacks | null
}

type StacksMessage = Extract<FromTemplate, { type: 'stacks' | 'written-stacks' }>
type HearStacks = (message: StacksMessage) => void

export class GroupChildren {
  readonly history = new ExitHistory()
  readonly #world: ChildrenWorld
  readonly #name: string
  readonly #slots: Slots
  readonly #generations = new Map<number, Generation>()
  readonly #running = new Map<number, Running>()
  /** Every template process that is not gone, also those of generations that are. */
  readonly #templates = new Set<Template>()
  /** Workers whose template process has ended: they finish by themselves, nobody reaps them. */
  readonly #orphans = new Set<Fork>()
  #numbers: ApplicationNumbers = new Map()

  constructor(name: string, slots: Slots, world: ChildrenWorld) {
    this.#name = name
    this.#slots = slots
    this.#world = world
  }

  /** From now on there is a generation that is started from this plan. */
  define(generation: number, plan: GroupPlan): void {
    this.#generations.set(generation, { plan, template: null })
    this.#numbers = numberApplications(this.#numbers, plan.applications)
  }

  /** The applications of a generation that others can serve too: those which get requests at the same time. */
  routes(generation: number, others: Iterable<number>): readonly NumberedApplication[] {
    const listOf = (number: number) => this.#generations.get(number)?.plan.applications
    const lists = [...others].flatMap((number) => {
      const applications = listOf(number)
      return applications === undefined ? [] : [applications]
    })
    return commonApplications(this.#numbers, listOf(generation) ?? [], lists)
  }

  /** Has a worker forked; a failure is reported like the failure of the worker. */
  start(start: WorkerStart): void {
    const { logs } = this.#world
    const { number, generation } = start
    const known = this.#generations.get(generation)
    if (known === undefined) throw new Error(`group ${this.#name} has no generation ${generation}`)
    try {
      const forbidden = forbiddenScript(known.plan)
      if (forbidden !== null) return this.#forbid(number, forbidden)
      known.template ??= this.#spawn(known.plan, generation)
      this.#running.set(number, {
        start,
        template: known.template,
        fork: null,
        end: null,
        owesStacks: false,
        hearStacks: null,
      })
      known.template.process.tell({ type: 'fork', worker: number, slot: start.slot })
    } catch (error) {
      const detail = `cannot start a worker: ${error instanceof Error ? error.message : String(error)}`
      logs.say('error', { group: this.#name, worker: number, gen: generation }, detail)
      this.#post({ type: 'worker-exited', number, end: { code: 1, signal: null }, detail })
    }
  }

  drain(number: number, reason: string): void {
    this.#running.get(number)?.template.process.tell({ type: 'drain', worker: number, reason })
  }

  terminate(number: number): void {
    this.#running.get(number)?.template.process.tell({ type: 'signal', worker: number, signal: 'TERM' })
  }

  /** A worker that has no pid yet hangs in its template process. */
  kill(number: number): void {
    const running = this.#running.get(number)
    if (running === undefined) return
    if (running.fork === null) running.template.process.kill()
    else {
      running.template.process.tell({ type: 'signal', worker: number, signal: 'KILL' })
      // Its template process may be stopped, or be stuck in what it has preloaded.
      killProcess(running.fork)
    }
  }

  /**
   * Asks a worker, or its template process, about its stacks. What they say comes to `hear`, until somebody else asks.
   *
   * @returns false when nobody can be asked: there is no process, or this worker has not answered the last time
   */
  askForStacks(number: number, type: 'tell-stacks' | 'write-stacks' | 'read-stacks', hear: HearStacks): boolean {
    const running = this.#running.get(number)
    if (running === undefined || running.fork === null || (type === 'tell-stacks' && running.owesStacks)) return false
    running.owesStacks ||= type === 'tell-stacks'
    running.hearStacks = hear
    running.template.process.tell({ type, worker: number })
    return true
  }

  /** The template process that forks, or is to fork, a worker; it writes its own stack to the group's log when asked. */
  template(number: number): TemplateProcess | undefined {
    return this.#running.get(number)?.template.process
  }

  /** Lets a template process go that has no workers. */
  endTemplate(generation: number): void {
    const known = this.#generations.get(generation)
    known?.template?.process.retire(known.plan.shutdownTimeout)
    if (known !== undefined) known.template = null
  }

  /** Forgets generations that have neither workers nor a future: those of failed deploys would add up. */
  forgetGenerationsBut(wanted: ReadonlySet<number>): void {
    const used = new Set([...this.#running.values()].map(({ start }) => start.generation))
    for (const [number, { template }] of this.#generations) {
      if (!wanted.has(number) && !used.has(number) && template === null) this.#generations.delete(number)
    }
  }

  /** Forgets a worker that has ended and notes why. */
  release(number: number, reason: ExitReason): void {
    const running = this.#running.get(number)
    if (running === undefined) return
    this.#running.delete(number)
    const end = running.end ?? { code: null, signal: null }
    this.history.note({ pid: running.fork?.pid ?? running.template.process.pid, reason, ...end, at: new Date() })
  }

  /** Pid and start of a worker; undefined before it was forked and after its end. */
  process(number: number): Fork | undefined {
    return this.#running.get(number)?.fork ?? undefined
  }

  /** Where routers reach a worker. */
  socketPath(number: number): string | undefined {
    const running = this.#running.get(number)
    return running && this.#slots.at(running.start.slot)?.path
  }

  /** Where routers read what dead workers had begun. */
  get scoreboardPath(): string {
    return this.#slots.scoreboardPath
  }

  /**
   * How to run a worker of a generation under a debugger.
   *
   * @throws Error when its socket cannot have a place
   */
  debugLaunch(generation: number, worker: number, breaks: DebugQuestion['breaks']): DebugLaunch {
    const plan = this.#generations.get(generation)?.plan
    if (plan === undefined) throw new Error(`group ${this.#name} has no generation ${generation}`)
    const { tools } = this.#world
    const command = workerCommand(tools, { ...plan, cpuTimeLimit: milliseconds(0) }, this.#programFor(plan))
    const applications = placeApplications(this.#numbers, plan.applications)
    const configuration = templateConfiguration(plan, { slots: 1, applications })
    const debugged = debuggedConfiguration(configuration, { worker, breaks })
    return {
      ...{ worker, command, cwd: workingDirectory(plan), configure: JSON.stringify(debugged) },
      ...{ socketPath: this.#slots.pathFor(`debug-${worker % 1000}.sock`), routerGid: this.#slots.routerGid },
    }
  }

  #programFor({ chroot }: GroupPlan): Readonly<{ privileged: boolean; program: string }> {
    const { runDir, privileged } = this.#world
    return { privileged, program: chroot === null ? workerProgramIn(runDir) : programInChroot(runDir) }
  }

  /** Ends what is left: template processes that hang, workers whose template process is gone. Resolves when the slots are free. */
  async close(): Promise<void> {
    for (const { process } of this.#templates) process.retire(lastPatienceMs)
    await Promise.all([...this.#templates].map(({ process }) => process.gone))
    for (const orphan of this.#orphans) killProcess(orphan)
    this.#slots.close()
  }

  #spawn(plan: GroupPlan, generation: number): Template {
    const { tools, logs } = this.#world
    const command = workerCommand(tools, plan, this.#programFor(plan))
    const slots = this.#provideSlots()
    const place = { cwd: workingDirectory(plan), listening: slots.map(({ socket }) => socket.fd) }
    const reports = {
      said: (message: FromTemplate | null) => this.#said(template, message),
      ended: (detail: string) => this.#ended(template, detail),
    }
    // Python writes the title over its command line: what stands there must be as long.
    const titled = { ...command, args: [...command.args, `${plan.displayName} (template)`] }
    const world = { group: this.#name, log: logs.group(this.#name), reports }
    const process = this.#slots.withScoreboard(
      (scoreboard) => new TemplateProcess(titled, { ...place, scoreboard }, world),
    )
    const template: Template = { process, slots: slots.length }
    this.#templates.add(template)
    logs.say('info', { group: this.#name, gen: generation, pid: process.pid }, 'template process starting')
    const applications = placeApplications(this.#numbers, plan.applications)
    process.tell(templateConfiguration(plan, { slots: slots.length, applications }))
    return template
  }

  /** As many as any living generation may need: while a group rolls to fewer processes, those of the old ones are in use. */
  #provideSlots() {
    const most = Math.max(...[...this.#generations.values()].map(({ plan }) => plan.maximumProcesses))
    return this.#slots.provide(most + 1)
  }

  #said(template: Template, message: FromTemplate | null): void {
    const { logs } = this.#world
    if (message === null) {
      logs.say('error', { group: this.#name, pid: template.process.pid }, 'broke the control protocol and is killed')
      return template.process.kill()
    }
    if (message.type === 'load-error' && message.worker === null)
      return this.#preloadFailed(template, message.traceback)
    const number = message.worker
    const running = number === null ? undefined : this.#running.get(number)
    if (number === null || running?.template !== template) return
    switch (message.type) {
      case 'forked':
        running.fork = { pid: message.pid, startTime: startTimeOf(message.pid), startedAt: new Date() }
        template.process.follow(message.pid)
        return logs.say(
          'info',
          { group: this.#name, worker: number, gen: running.start.generation, pid: message.pid },
          'starting',
        )
      case 'loaded':
        return this.#post({ type: 'worker-loaded', number })
      case 'load-error':
        return this.#post({ type: 'worker-load-failed', number, kind: 'load-error', detail: message.traceback })
      case 'retire':
        return this.#post({ type: 'worker-retire', number, reason: message.reason })
      case 'script-changed':
        return this.#scriptChanged(running)
      case 'stacks':
      case 'written-stacks':
        running.owesStacks &&= message.type !== 'stacks'
        return running.hearStacks?.(message)
      case 'exited':
        return this.#exited(running, { code: message.code, signal: message.signal })
    }
  }

  #exited(running: Running, end: ProcessEnd): void {
    running.end = end
    const { number } = running.start
    // What it wrote last is in the pipe already, but may not have been read in this turn of the loop.
    setImmediate(() => {
      const pid = running.fork?.pid ?? 0
      this.#post({ type: 'worker-exited', number, end, detail: running.template.process.describeEnd(pid, end) })
    })
  }

  #scriptChanged({ start }: Running): void {
    const known = this.#generations.get(start.generation)
    if (known !== undefined) this.#post({ type: 'script-changed', scripts: identityOfScripts(known.plan) })
  }

  #preloadFailed(template: Template, detail: string): void {
    for (const [number, running] of this.#running) {
      if (running.template === template && running.fork === null)
        this.#post({ type: 'worker-load-failed', number, kind: 'load-error', detail })
    }
  }

  /** Its workers see the end of their control sockets and finish by themselves; nobody reports on them any more. */
  #ended(template: Template, detail: string): void {
    this.#templates.delete(template)
    for (const generation of this.#generations.values()) {
      if (generation.template === template) generation.template = null
    }
    this.#slots.reduceTo(Math.max(0, ...[...this.#templates].map(({ slots }) => slots)))
    const left = [...this.#running.values()].filter((running) => running.template === template && running.end === null)
    this.#world.logs.say('info', { group: this.#name, pid: template.process.pid }, `template process ended: ${detail}`)
    for (const running of left) {
      if (running.fork !== null) this.#adopt(running.fork)
      const end = { code: 1, signal: null }
      running.end = end
      const what = `its template process ended: ${detail}`
      this.#post({ type: 'worker-exited', number: running.start.number, end, detail: what })
    }
  }

  #adopt(fork: Fork): void {
    for (const orphan of this.#orphans) if (!isAlive(orphan)) this.#orphans.delete(orphan)
    this.#orphans.add(fork)
  }

  #forbid(number: number, detail: string): void {
    this.#world.logs.group(this.#name).write('error', { group: this.#name, worker: number }, `not started: ${detail}`)
    this.#post({ type: 'worker-load-failed', number, kind: 'forbidden', detail })
    this.#post({ type: 'worker-exited', number, end: { code: null, signal: null }, detail })
  }

  #post(event: Extract<Input, { to: 'group' }>['event']): void {
    this.#world.post({ to: 'group', group: this.#name, event })
  }
}

/** A template process without workers has nothing to finish. */
const lastPatienceMs = 1000

const isAlive = ({ pid, startTime }: Fork): boolean => startTime !== null && startTimeOf(pid) === startTime

function killProcess(fork: Fork): void {
  if (!isAlive(fork)) return
  try {
    process.kill(fork.pid, 'SIGKILL')
  } catch {
    // It has ended by itself just now.
  }
}

/** The group's home, else that of its account, which need not exist. In a chroot neither is there before it was entered. */
function workingDirectory({ chroot, home, identity }: GroupPlan): string {
  if (chroot !== null) return '/'
  if (home !== null) return home
  return existsSync(identity.homeDirectory) ? identity.homeDirectory : '/'
}
