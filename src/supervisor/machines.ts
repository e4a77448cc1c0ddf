// Holds the state of all machines, feeds them events and passes their effects on. Decides nothing and carries nothing out.
import {
  deadlineOfFleet,
  newFleet,
  reduceFleet,
  type Fleet,
  type FleetEffect,
  type FleetEvent,
  type FleetLimits,
} from '../lifecycle/fleet.ts'
import { newGroup, type Group, type GroupEffect, type GroupEvent } from '../lifecycle/group-state.ts'
import { deadlineOfGroup, reduceGroup } from '../lifecycle/group.ts'
import { outcomeOf } from '../lifecycle/group-roll.ts'
import {
  deadlineOfSupervisor,
  reduceSupervisor,
  type Supervisor,
  type SupervisorEffect,
  type SupervisorEvent,
} from '../lifecycle/supervisor.ts'
import type { GroupPlan } from '../plan/plan.ts'
import type { Instant } from '../units.ts'
import { Alarm } from './alarm.ts'
import { Inbox } from './inbox.ts'

/** An event before it gets its time and its random draw. */
type Undated<Event> = Event extends unknown ? Omit<Event, 'at' | 'random'> : never

export type Input =
  | Readonly<{ to: 'group'; group: string; event: Undated<GroupEvent> }>
  | Readonly<{ to: 'fleet'; event: Undated<FleetEvent> }>
  | Readonly<{ to: 'supervisor'; event: Undated<SupervisorEvent> }>

/** Carries effects out; reports back by `post`, never by a return value. */
export type Actor = Readonly<{
  group: (entry: GroupEntry, effect: GroupEffect) => void
  fleet: (effect: FleetEffect) => void
  supervisor: (effect: SupervisorEffect) => void
}>

/** A part of a group, one for each application-group, with the plan that it shall run by. */
export type GroupEntry = { plan: GroupPlan; state: Group }

export class Machines {
  readonly #actor: Actor
  readonly #groups = new Map<string, GroupEntry>()
  readonly #byName = new Map<string, readonly GroupEntry[]>()
  readonly #fleetLimits: FleetLimits
  readonly #inbox = new Inbox<Input>(
    (input) => this.#handle(input),
    () => this.#afterwards(),
  )
  readonly #alarm = new Alarm(() => this.#strike())
  #fleet: Fleet = newFleet
  #supervisor: Supervisor

  constructor(fleetLimits: FleetLimits, actor: Actor) {
    this.#actor = actor
    this.#fleetLimits = fleetLimits
    this.#supervisor = { phase: 'starting', since: this.now() }
  }

  get supervisor(): Supervisor {
    return this.#supervisor
  }

  get fleet(): Fleet {
    return this.#fleet
  }

  get groups(): Iterable<Readonly<GroupEntry>> {
    return this.#groups.values()
  }

  /** The time that the machines live in. */
  now(): Instant {
    return this.#alarm.now()
  }

  group(name: string): Readonly<GroupEntry> | undefined {
    return this.#groups.get(name)
  }

  /** The parts of each group, at least one, by the name that people know it by. */
  get byName(): ReadonlyMap<string, readonly Readonly<GroupEntry>[]> {
    return this.#byName
  }

  /** The parts of the group that people know by this name; none: there is no such group. */
  partsOf(processGroup: string): readonly Readonly<GroupEntry>[] {
    return this.#byName.get(processGroup) ?? []
  }

  /** Adds a group and starts it. @param scripts the identity of its script files */
  addGroup(plan: GroupPlan, scripts: string): void {
    const entry = { plan, state: newGroup(plan, scripts) }
    this.#groups.set(plan.name, entry)
    this.#byName.set(plan.processGroup, [...(this.#byName.get(plan.processGroup) ?? []), entry])
    this.post({ to: 'group', group: plan.name, event: { type: 'begin' } })
  }

  /** From now on this is the group's plan; what needs a new generation is rolled out by an event. */
  replan(plan: GroupPlan): void {
    const entry = this.#groups.get(plan.name)
    if (entry !== undefined) entry.plan = plan
  }

  /** Forgets a group that has ended. */
  removeGroup(name: string): void {
    const entry = this.#groups.get(name)
    if (entry === undefined) return
    const { processGroup } = entry.plan
    const others = this.#byName.get(processGroup)?.filter((each) => each !== entry) ?? []
    this.#groups.delete(name)
    if (others.length > 0) this.#byName.set(processGroup, others)
    else this.#byName.delete(processGroup)
  }

  post(input: Input): void {
    this.#inbox.post(input)
  }

  #handle(input: Input): void {
    const at = this.now()
    const random = Math.random()
    switch (input.to) {
      case 'group': {
        const entry = this.#groups.get(input.group)
        if (entry !== undefined) this.#stepGroup(entry, { ...input.event, at, random })
        return
      }
      case 'fleet': {
        const [fleet, effects] = reduceFleet(this.#fleet, { ...input.event, at, random }, this.#fleetLimits)
        this.#fleet = fleet
        for (const effect of effects) this.#actor.fleet(effect)
        return
      }
      case 'supervisor': {
        const [supervisor, effects] = reduceSupervisor(this.#supervisor, { ...input.event, at })
        this.#supervisor = supervisor
        for (const effect of effects) this.#actor.supervisor(effect)
        return
      }
    }
  }

  #stepGroup(entry: GroupEntry, event: GroupEvent): void {
    const [state, effects] = reduceGroup(entry.state, event)
    entry.state = state
    for (const effect of effects) this.#actor.group(entry, effect)
  }

  #afterwards(): void {
    if (this.#isSettled()) this.post({ to: 'supervisor', event: { type: 'settled' } })
    else this.#alarm.set(this.#nextDeadline())
  }

  #isSettled(): boolean {
    if (this.#supervisor.phase !== 'starting') return false
    const ready = this.#fleet.members.filter(({ router }) => router.phase === 'ready').length
    if (ready < this.#fleetLimits.routers) return false
    return [...this.#groups.values()].every(({ state }) => outcomeOf(state) !== 'pending')
  }

  #nextDeadline(): Instant | null {
    const deadlines = [deadlineOfSupervisor(this.#supervisor), deadlineOfFleet(this.#fleet, this.#fleetLimits)]
    for (const { state } of this.#groups.values()) deadlines.push(deadlineOfGroup(state))
    return deadlines.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null)
  }

  #strike(): void {
    const at = this.now()
    const isDue = (deadline: Instant | null): boolean => deadline !== null && deadline <= at
    if (isDue(deadlineOfSupervisor(this.#supervisor))) this.post({ to: 'supervisor', event: { type: 'deadline' } })
    if (isDue(deadlineOfFleet(this.#fleet, this.#fleetLimits))) this.post({ to: 'fleet', event: { type: 'deadline' } })
    for (const [group, { state }] of this.#groups) {
      if (isDue(deadlineOfGroup(state))) this.post({ to: 'group', group, event: { type: 'deadline' } })
    }
    this.#afterwards()
  }
}
