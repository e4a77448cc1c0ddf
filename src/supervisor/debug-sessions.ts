// Workers under a debugger, which operators run on their terminals: tells the routers of them and takes them back, whatever ends them. The processes
// are the operators' own; what is known here is their socket and how to reach their command.
import { rmSync } from 'node:fs'
import { unknownGroup } from '../config/unknown-group.ts'
import type { DebugLaunch, DebugLine, DebugQuestion } from '../control/debug-line.ts'
import type { WorkerName } from '../lifecycle/fleet.ts'
import type { Logs } from '../observe/logs.ts'
import type { ToRouter } from '../protocol/supervision.ts'
import type { GroupEntry, Input, Machines } from './machines.ts'
import type { WorkerChildren } from './worker-children.ts'

/** Beyond all numbers that groups give their workers. */
const firstNumber = 1_000_000_001

type Tell = (line: DebugLine) => void

type Session = {
  readonly question: DebugQuestion
  readonly group: string
  readonly launch: DebugLaunch
  readonly tell: Tell
  readonly over: () => void
  /** null: not announced to the routers. */
  pid: number | null
  isWithdrawn: boolean
}

type World = Readonly<{
  machines: () => Machines
  workers: WorkerChildren
  logs: Logs
  /** Has the routers know the groups as they are. */
  flushRoutes: () => void
  post: (input: Input) => void
}>

export class DebugSessions {
  readonly #world: World
  readonly #sessions = new Map<number, Session>()
  #next = firstNumber

  constructor(world: World) {
    this.#world = world
  }

  /** Prepares a worker and tells how to run it. Resolves when no router has a request there any more. @param gone the operator's command is */
  async open(question: DebugQuestion, tell: Tell, gone: AbortSignal): Promise<void> {
    const entry = this.#entryFor(question)
    if (typeof entry === 'string') {
      tell({ type: 'refused', message: entry })
      return
    }
    const number = this.#next
    this.#next += 1
    const group = entry.plan.name
    const children = this.#world.workers.of(group)
    const launch = children.debugLaunch(entry.state.serving.number, number, question.breaks)
    await new Promise<void>((over) => {
      this.#sessions.set(number, { question, group, launch, tell, over, pid: null, isWithdrawn: false })
      gone.addEventListener('abort', () => this.end(number))
      tell({ type: 'prepared', ...launch })
    })
    this.#sessions.delete(number)
    rmSync(launch.socketPath, { force: true })
  }

  /** It has loaded: requests may come. */
  ready(number: number, pid: number): void {
    const session = this.#sessions.get(number)
    if (session === undefined || session.pid !== null || session.isWithdrawn) return
    session.pid = pid
    const { group } = session
    this.#world.logs.say(
      'warn',
      { group, worker: number, pid },
      `under a debugger, takes ${wordsFor(session.question)}`,
    )
    this.#world.flushRoutes()
    this.#world.post({ to: 'fleet', event: { type: 'announce', group, worker: number } })
  }

  /** Takes it away from the routers. */
  end(number: number): void {
    const session = this.#sessions.get(number)
    if (session === undefined || session.isWithdrawn) return
    session.isWithdrawn = true
    const { group, pid } = session
    if (pid === null) return session.over()
    this.#world.logs.say('info', { group, worker: number, pid }, 'the debugger ends')
    this.#world.post({ to: 'fleet', event: { type: 'withdraw', group, worker: number } })
  }

  /** Ends those of a group, or all. */
  endOf(group: string | null, why: string): void {
    for (const [number, session] of this.#sessions) {
      if (group !== null && session.group !== group) continue
      if (!session.isWithdrawn) session.tell({ type: 'ending', why })
      this.end(number)
    }
  }

  /** What a router is told of it; undefined: it is none of these, or not ready. */
  announcementOf({ worker }: WorkerName): ToRouter | undefined {
    const session = this.#sessions.get(worker)
    if (session === undefined || session.pid === null) return undefined
    const { group, pid, launch, question } = session
    const address = { group, worker, pid, socketPath: launch.socketPath, scoreboardPath: null }
    return { type: 'debug-worker', address, selection: question.choice }
  }

  /** No router has a request there. @returns whether it is one of these */
  isIdle({ worker }: WorkerName): boolean {
    const session = this.#sessions.get(worker)
    session?.tell({ type: 'idle' })
    session?.over()
    return worker >= firstNumber
  }

  /** The group's entry, or why there is none. */
  #entryFor({ group, applicationGroup }: DebugQuestion): Readonly<GroupEntry> | string {
    const machines = this.#world.machines()
    const ofGroup = machines.partsOf(group)
    const names = ofGroup.map(({ plan }) => (plan.applicationGroup === '' ? '%{GLOBAL}' : plan.applicationGroup))
    const entries = ofGroup.filter((_, index) => applicationGroup === null || names[index] === applicationGroup)
    const [entry] = entries
    if (ofGroup.length === 0) return unknownGroup(group, [...machines.byName.keys()])
    if (entry === undefined || entries.length > 1)
      return `"${group}" has several application groups: choose one of them by --application-group: ${names.join(', ')}`
    if (entry.state.phase !== 'running') return `"${group}" stops: start it again first`
    if ([...this.#sessions.values()].some((session) => session.group === entry.plan.name))
      return `"${group}" is under a debugger already: end that one first`
    return entry
  }
}

function wordsFor({ choice }: DebugQuestion): string {
  return 'share' in choice
    ? `${Math.round(choice.share * 1000) / 10} % of the requests`
    : `requests with the header ${choice.header.name}`
}
