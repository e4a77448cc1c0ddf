// A process group that lives in a test: events in, effects out, time by hand.
import {
  newGroup,
  type Group,
  type GroupEffect,
  type GroupEvent,
  type GroupLimits,
} from '../../src/lifecycle/group-state.ts'
import { deadlineOfGroup, reduceGroup } from '../../src/lifecycle/group.ts'
import { instant, milliseconds } from '../../src/units.ts'

export type Happening = GroupEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'at' | 'random'>
    : never
  : never

/** What most tests do not look at: the log, and the life of template processes. */
const quiet = new Set<GroupEffect['type']>(['transition', 'new-generation', 'end-template', 'roll-ended'])
export const killed = { code: null, signal: 'SIGKILL' }
export const failed = { code: 1, signal: null }
export const demand = { type: 'demand', scripts: 'v1' } as const

/** A group and everything that it ever wanted done. */
export class Life {
  state: Group
  at = 0
  random = 0
  readonly limits: GroupLimits
  readonly effects: GroupEffect[] = []

  constructor(processes: number, more: Partial<GroupLimits> = {}) {
    this.limits = {
      ...{ processes, minimumProcesses: processes, maximumProcesses: processes, start: 'always' },
      ...{ restartInterval: milliseconds(0), inactivityTimeout: milliseconds(0), scriptReloading: 'rolling' },
      startupTimeout: milliseconds(30_000),
      gracefulTimeout: milliseconds(15_000),
      evictionTimeout: milliseconds(15_000),
      shutdownTimeout: milliseconds(5000),
      ...more,
    }
    this.state = newGroup(this.limits, 'v1')
  }

  /** @returns what this event made the group want */
  happen(event: Happening, after = 1): readonly GroupEffect[] {
    this.at += after
    const [state, effects] = reduceGroup(this.state, { ...event, at: instant(this.at), random: this.random })
    this.state = state
    this.effects.push(...effects)
    return effects.filter(({ type }) => !quiet.has(type))
  }

  /** Lets time pass until the group wants something by itself. */
  untilDeadline(): readonly GroupEffect[] {
    const deadline = deadlineOfGroup(this.state)
    if (deadline === null) throw new Error('the group waits for nothing')
    return this.happen({ type: 'deadline' }, deadline - this.at)
  }

  crash(number: number): readonly GroupEffect[] {
    return this.happen({ type: 'worker-exited', number, end: killed, detail: 'killed by SIGKILL' })
  }

  failLoad(number: number): readonly GroupEffect[] {
    const said = this.happen({ type: 'worker-load-failed', number, kind: 'load-error', detail: 'Traceback' })
    return [...said, ...this.happen({ type: 'worker-exited', number, end: failed, detail: 'exit code 1' })]
  }

  get phases(): string[] {
    return this.state.members.map(({ number, worker }) => `${number} ${worker.phase}`)
  }
}

export function running(processes: number): Life {
  const life = new Life(processes)
  life.happen({ type: 'begin' })
  for (let number = 1; number <= processes; number += 1) life.happen({ type: 'worker-loaded', number })
  return life
}

/** Rolls a running group; `limits` for a changed definition. */
export function rolling(life: Life, limits: Partial<GroupLimits> = {}): readonly GroupEffect[] {
  return life.happen({ type: 'roll', reason: 'restart', limits: { ...life.limits, ...limits }, scripts: 'v1' })
}

/** Lets every drained worker end, and every starting one load, until nothing changes. */
export function settle(life: Life): void {
  for (let turn = 0; turn < 30; turn += 1) {
    for (const { number, worker } of life.state.members) {
      if (worker.phase === 'starting') life.happen({ type: 'worker-loaded', number })
      else if (worker.phase === 'withdrawing') life.happen({ type: 'worker-idle', number })
      else if (worker.phase !== 'ready' && worker.phase !== 'retiring') life.crash(number)
    }
  }
}

export const generations = (life: Life): number[] => life.state.members.map(({ generation }) => generation.number)
export const ends = (life: Life) => life.effects.filter(({ type }) => type === 'roll-ended')
