// All running workers by group and number: starts them in their slots and turns what they do into events.
import { existsSync } from 'node:fs'
import { causeOfUnexpectedEnd, renderEnd, type ExitReason, type ProcessEnd } from '../lifecycle/exit-reason.ts'
import { workerCommand, type Tools } from '../launch/argv.ts'
import type { Logs } from '../observe/logs.ts'
import type { GroupPlan, ServerPlan } from '../plan/plan.ts'
import type { FromWorker, WorkerAddress, WorkerConfiguration } from '../protocol/supervision.ts'
import type { Input } from './machines.ts'
import { workerProgramIn, type Slot } from './run-dir.ts'
import { WorkerProcess } from './worker-process.ts'

/** A start as the group's reducer wants it. */
export type WorkerStart = Readonly<{ number: number; slot: number; generation: number }>

/** The end of a worker, for status. */
export type WorkerExit = Readonly<{
  pid: number
  reason: ExitReason
  code: number | null
  signal: string | null
  at: Date
}>

/** How many ends a group remembers. */
const rememberedExits = 10

type Running = { readonly start: WorkerStart; readonly process: WorkerProcess; end: ProcessEnd | null }
type GroupChildren = { readonly running: Map<number, Running>; readonly exits: WorkerExit[]; restarts: number }

export class WorkerChildren {
  readonly #plan: ServerPlan
  readonly #world: Readonly<{ tools: Tools; logs: Logs; post: (input: Input) => void }>
  readonly #slots: ReadonlyMap<string, readonly Slot[]>
  readonly #groups = new Map<string, GroupChildren>()

  /** @param slots the sockets of each group by its name */
  constructor(
    plan: ServerPlan,
    slots: ReadonlyMap<string, readonly Slot[]>,
    world: Readonly<{ tools: Tools; logs: Logs; post: (input: Input) => void }>,
  ) {
    this.#plan = plan
    this.#slots = slots
    this.#world = world
    for (const { name } of plan.groups) this.#groups.set(name, { running: new Map(), exits: [], restarts: 0 })
  }

  /** Starts a worker; a failure is reported like an exit. */
  start(group: GroupPlan, start: WorkerStart): void {
    const { logs, post } = this.#world
    const speaker = { group: group.name, worker: start.number, gen: start.generation }
    try {
      const process = this.#spawn(group, start)
      this.#of(group.name).running.set(start.number, { start, process, end: null })
      if (process.pid > 0) process.configure(configurationOf(group, start.number))
      logs.say('info', { ...speaker, pid: process.pid }, 'starting')
    } catch (error) {
      const detail = `cannot start a worker: ${error instanceof Error ? error.message : String(error)}`
      logs.say('error', speaker, detail)
      const event = { type: 'worker-exited', number: start.number, cause: 'crash', detail } as const
      post({ to: 'group', group: group.name, event })
    }
  }

  drain(group: string, number: number): void {
    this.#find(group, number)?.process.drain()
  }

  signal(group: string, number: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#find(group, number)?.process.signal(signal)
  }

  /** Forgets a worker that has ended and notes why. */
  release(group: string, number: number, reason: ExitReason): void {
    const children = this.#of(group)
    const running = children.running.get(number)
    if (running === undefined) return
    running.process.close()
    children.running.delete(number)
    if (reason !== 'stop') children.restarts += 1
    const { code, signal } = running.end ?? { code: null, signal: null }
    children.exits.push({ pid: running.process.pid, reason, code, signal, at: new Date() })
    if (children.exits.length > rememberedExits) children.exits.shift()
  }

  /** Where routers reach a worker; undefined when it is gone. */
  address(group: string, worker: number): WorkerAddress | undefined {
    const running = this.#find(group, worker)
    const slot = running && this.#slots.get(group)?.[running.start.slot]
    return running && slot && { group, worker, pid: running.process.pid, socketPath: slot.path }
  }

  /** Pid and start of a worker. */
  process(group: string, number: number): Pick<WorkerProcess, 'pid' | 'startedAt'> | undefined {
    return this.#find(group, number)?.process
  }

  /** What became of earlier workers of a group, the last one last, and how many had to be replaced. */
  history(group: string): Readonly<{ exits: readonly WorkerExit[]; restarts: number }> {
    return this.#of(group)
  }

  #spawn(group: GroupPlan, { number, slot }: WorkerStart): WorkerProcess {
    const listening = this.#slots.get(group.name)?.[slot]
    if (listening === undefined) throw new Error(`group ${group.name} has no slot ${slot}`)
    const command = workerCommand(this.#world.tools, {
      privileged: this.#plan.privileged,
      identity: group.identity,
      python: group.python,
      program: workerProgramIn(this.#plan.runDir),
      environment: group.environment,
    })
    const place = { cwd: workingDirectory(group), listeningFd: listening.socket.fd }
    const reports = {
      said: (message: FromWorker | null) => this.#said(group.name, number, message),
      ended: (end: ProcessEnd, last: string) => this.#ended(group.name, number, { end, last }),
    }
    return new WorkerProcess(command, place, { group: group.name, log: this.#world.logs.group(group.name), reports })
  }

  #said(group: string, number: number, message: FromWorker | null): void {
    const { post, logs } = this.#world
    switch (message?.type) {
      case 'loaded':
        return post({ to: 'group', group, event: { type: 'worker-loaded', number } })
      case 'load-error':
        return post({ to: 'group', group, event: { type: 'worker-load-failed', number, detail: message.traceback } })
      case 'retire':
        return post({ to: 'group', group, event: { type: 'worker-retire', number, reason: message.reason } })
      case undefined:
        logs.say('error', { group, worker: number }, 'broke the control protocol and is killed')
        return this.signal(group, number, 'SIGKILL')
    }
  }

  #ended(group: string, number: number, { end, last }: { end: ProcessEnd; last: string }): void {
    const running = this.#find(group, number)
    if (running !== undefined) running.end = end
    const detail = last === '' ? renderEnd(end) : `${renderEnd(end)}; last on stderr: ${last}`
    const event = { type: 'worker-exited', number, cause: causeOfUnexpectedEnd(end), detail } as const
    this.#world.post({ to: 'group', group, event })
  }

  #of(group: string): GroupChildren {
    const children = this.#groups.get(group)
    if (children === undefined) throw new Error(`no group ${group}`)
    return children
  }

  #find(group: string, number: number): Running | undefined {
    return this.#groups.get(group)?.running.get(number)
  }
}

/** The group's home, else that of its account, which need not exist. */
function workingDirectory({ home, identity }: GroupPlan): string {
  if (home !== null) return home
  return existsSync(identity.homeDirectory) ? identity.homeDirectory : '/'
}

function configurationOf(group: GroupPlan, worker: number): WorkerConfiguration {
  return {
    type: 'configure',
    group: group.name,
    worker,
    threads: group.threads,
    processes: group.processes,
    home: group.home,
    gracefulTimeoutSeconds: group.gracefulTimeout / 1000,
    shutdownTimeoutSeconds: group.shutdownTimeout / 1000,
    applications: group.applications,
  }
}
