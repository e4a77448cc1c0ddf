// What an operator asks of a running server: restart groups, take over a changed configuration. Orders and reports; the groups decide.
import type { GroupOutcome, ProgressLine } from '../control/progress-line.ts'
import { renderReport, renderWarnings, type Diagnostic } from '../config/diagnostics.ts'
import { unknownGroup } from '../config/unknown-group.ts'
import type { RollReason } from '../lifecycle/group-state.ts'
import { diffPlans, type PlanDiff } from '../plan/diff.ts'
import { withRunning } from '../plan/left-out.ts'
import { processGroupsOf, shownPart } from '../plan/application-groups.ts'
import type { PlanResult } from '../plan/make-plan.ts'
import type { GroupPlan, ServerPlan } from '../plan/plan.ts'
import { instant } from '../units.ts'
import type { AdminChange } from './admin-listener.ts'
import type { DebugSessions } from './debug-sessions.ts'
import type { Machines } from './machines.ts'
import { collectOutcomes } from './part-outcomes.ts'
import type { Progress } from './progress.ts'
import type { Provisions } from './provisions.ts'
import type { RoutePlan } from './route-plan.ts'
import type { RouterChildren } from './router-children.ts'
import { identityOfScripts } from './script-files.ts'
import type { Slots } from './slots.ts'
import type { WorkerChildren } from './worker-children.ts'

export type Tell = (line: ProgressLine) => void

type World = Readonly<{
  machines: Machines
  workers: WorkerChildren
  routers: RouterChildren
  routes: RoutePlan
  progress: Progress
  provisions: Provisions
  debugging: DebugSessions
  resolve: () => Promise<PlanResult>
}>

/** What a change needs beforehand: the sockets of new groups by name. New addresses are bound. */
type Taken = Readonly<{ slots: ReadonlyMap<string, Slots>; admin: AdminChange | null }>

/** Groups that roll at a time: each roll is a new interpreter and a load of its applications. */
const rollsAtOnce = 8

export class Operations {
  readonly #world: World
  #plan: ServerPlan
  /** Reloads are applied one after the other; their rolls go on meanwhile. */
  #turn: Promise<unknown> = Promise.resolve()
  readonly #removals = new Map<string, Promise<void>>()

  constructor(plan: ServerPlan, world: World) {
    this.#plan = plan
    this.#world = world
  }

  /** What runs, or shall. */
  get plan(): ServerPlan {
    return this.#plan
  }

  /**
   * Starts all groups of the plan.
   *
   * @param isUp gets the name of each group when it has come up for the first time
   * @throws Error when a group's sockets or chroot cannot be had
   */
  begin(isUp: (group: string) => void): void {
    const { provisions, progress } = this.#world
    for (const group of this.#plan.groups) {
      provisions.furnish(group)
      void progress.rollOf(group.name).then((error) => {
        if (error === null) isUp(group.name)
      })
      this.#add(group, provisions.makeSlots(group))
    }
  }

  /** Rolls the groups of these names, all without names. Resolves when every roll has ended; never rejects. */
  async restart(names: readonly string[], tell: Tell): Promise<void> {
    const unknown = names.filter((name) => !this.#plan.groups.some((group) => group.processGroup === name))
    const refusal = this.#refusalOf(unknown)
    if (refusal !== null) {
      tell(refusal)
      return
    }
    const groups = this.#plan.groups.filter(({ processGroup }) => names.length === 0 || names.includes(processGroup))
    await this.#follow(
      groups.map(({ name }) => name),
      tell,
      (report) => inTurns(groups, rollsAtOnce, ({ name }) => this.#roll(name, 'restart').then(report)),
    )
  }

  /**
   * Takes the configuration over as it is now. What is invalid or cannot be had changes nothing. Resolves when everything that had to change
   * has changed, or has failed to; never rejects.
   */
  async reload(tell: Tell): Promise<void> {
    const applying = this.#turn.then(() => this.#apply(tell))
    this.#turn = applying
    await (
      await applying
    )()
  }

  /** @returns waits for what was begun */
  async #apply(tell: Tell): Promise<() => Promise<void>> {
    const refuse = (code: 'invalid-configuration' | 'not-possible', message: string) => {
      this.#world.provisions.logs.say('error', { pid: process.pid }, `reload: nothing was changed: ${message}`)
      tell({ type: 'refused', code, message })
      return () => Promise.resolve()
    }
    try {
      if (this.#isStopping()) return refuse('not-possible', refusedByStop.message)
      const result = await this.#world.resolve()
      if (!result.ok) return refuse('invalid-configuration', renderReport(result.diagnostics))
      this.#warn(result.warnings, tell)
      const plan = withRunning(result.plan, this.#plan, result.leftOut)
      const diff = diffPlans(this.#plan, plan)
      const again = result.plan.groups.filter((group) => this.#isToBeTriedAgain(group, diff))
      if (diff.fixed.length > 0) return refuse('not-possible', changedForGood(diff.fixed))
      // A group that comes back waits for its namesake to go.
      for (const { name } of diff.start) await this.#removals.get(name)
      return this.#begin(plan, diff, { taken: await this.#provide(diff), again, tell })
    } catch (error) {
      return refuse('not-possible', error instanceof Error ? error.message : String(error))
    }
  }

  #warn(warnings: readonly Diagnostic[], tell: Tell): void {
    if (warnings.length === 0) return
    const message = renderWarnings(warnings)
    this.#world.provisions.logs.say('warn', { pid: process.pid }, `reload: ${message}`)
    tell({ type: 'left-out', message })
  }

  /** Takes what a change needs, or nothing. @throws Error with what could not be had */
  async #provide({ listen, admin, start, roll }: PlanDiff): Promise<Taken> {
    const { listeners, admin: adminListener, furnish, makeSlots } = this.#world.provisions
    const slots = new Map<string, Slots>()
    await listeners.bind(listen, false)
    let change: AdminChange | null = null
    try {
      for (const plan of admin) change = await adminListener.prepare(plan)
      for (const group of [...start, ...roll]) furnish(group)
      for (const group of start) slots.set(group.name, makeSlots(group))
      return { slots, admin: change }
    } catch (error) {
      for (const each of slots.values()) each.close()
      listeners.release(listen)
      change?.discard()
      throw error
    }
  }

  #begin(
    plan: ServerPlan,
    diff: PlanDiff,
    { taken, again, tell }: Readonly<{ taken: Taken; again: readonly GroupPlan[]; tell: Tell }>,
  ): () => Promise<void> {
    const { machines, routes } = this.#world
    const { slots, admin } = taken
    this.#plan = plan
    admin?.commit()
    if (diff.settings.length > 0) this.#world.routers.reset(plan.routerSettings)
    this.#world.provisions.logs.rotateBy(plan.logRotation)
    if (diff.options.length > 0) tell({ type: 'options', changed: diff.options })
    this.#relisten(diff, tell)
    for (const group of [...diff.roll, ...diff.reroute]) machines.replan(group)
    for (const { name } of diff.reroute) {
      const entry = machines.group(name)
      if (entry !== undefined) routes.refresh(entry)
    }
    const removed = diff.stop.map((name) => this.#remove(name))
    const started = diff.start.map((group) => this.#start(group, slots.get(group.name)))
    const rerouted = diff.reroute.map(({ name: group }): GroupOutcome => ({ group, did: 'rerouted', error: null }))
    const touched = [...diff.stop, ...[...diff.start, ...diff.roll, ...diff.reroute, ...again].map(({ name }) => name)]
    return () =>
      this.#follow(touched, tell, async (report) => {
        rerouted.forEach(report)
        const rolls = inTurns([...diff.roll, ...again], rollsAtOnce, ({ name }) =>
          this.#roll(name, 'reload').then(report),
        )
        await Promise.all([rolls, ...[...started, ...removed].map((outcome) => outcome.then(report))])
      })
  }

  /** It runs as it shall, but its scripts have changed, or its last roll has failed. */
  #isToBeTriedAgain(group: GroupPlan, { start, roll }: PlanDiff): boolean {
    const state = this.#world.machines.group(group.name)?.state
    if (start.includes(group) || roll.includes(group)) return false
    return state !== undefined && (state.degraded !== null || state.scripts !== identityOfScripts(group))
  }

  #relisten({ listen, unlisten }: PlanDiff, tell: Tell): void {
    const { routers, provisions } = this.#world
    const { listeners } = provisions
    const report = (url: string, did: 'opened' | 'closed' | 'changed') => tell({ type: 'listener', url, did })
    for (const listener of listeners.release(unlisten)) {
      routers.unlisten(listener)
      report(listener.url, 'closed')
    }
    const changes = listeners.adopt(this.#plan.listeners)
    for (const listener of listen.flatMap((plan) => listeners.of(plan) ?? [])) {
      routers.listen(listener)
      report(listener.url, 'opened')
    }
    for (const change of changes) {
      routers.change(change)
      report(change.after.url, 'changed')
    }
  }

  /** By its newest plan, which may be newer than that of the order. */
  async #roll(group: string, reason: RollReason): Promise<GroupOutcome> {
    const { machines, progress } = this.#world
    const did = reason === 'reload' ? 'changed' : 'restarted'
    const limits = machines.group(group)?.plan
    if (limits === undefined) return { group, did, error: 'the group was removed' }
    const ended = progress.rollOf(group)
    const event = { type: 'roll', reason, limits, scripts: identityOfScripts(limits) } as const
    machines.post({ to: 'group', group, event })
    return { group, did, error: await ended }
  }

  async #start(group: GroupPlan, slots: Slots | undefined): Promise<GroupOutcome> {
    const ended = this.#world.progress.rollOf(group.name)
    if (slots !== undefined) this.#add(group, slots)
    return { group: group.name, did: 'started', error: await ended }
  }

  #add(group: GroupPlan, slots: Slots): void {
    this.#world.workers.add(group.name, slots)
    this.#world.machines.addGroup(group, identityOfScripts(group))
  }

  async #remove(name: string): Promise<GroupOutcome> {
    const removal = this.#end(name)
    this.#removals.set(name, removal)
    await removal
    this.#removals.delete(name)
    return { group: name, did: 'removed', error: null }
  }

  /** No more requests first, so that nothing asks for its workers while they go. */
  async #end(name: string): Promise<void> {
    const { machines, workers, routers, routes, progress, debugging } = this.#world
    // While the routers still know the group: they forget it without regard to a worker under a debugger.
    debugging.endOf(name, `${shownPart(name)} was removed`)
    routes.remove(name)
    routes.flush()
    const graceMs = machines.group(name)?.plan.gracefulTimeout ?? 0
    const gone = progress.endOf(name)
    machines.post({ to: 'group', group: name, event: { type: 'stop', until: instant(machines.now() + graceMs) } })
    await gone
    await workers.remove(name)
    machines.removeGroup(name)
    routers.forget(name)
  }

  /** Passes on what happens to these parts of groups while `work` goes on, then how it went. @param parts names; one as often as it is reported */
  async #follow(
    parts: readonly string[],
    tell: Tell,
    work: (report: (outcome: GroupOutcome) => void) => Promise<unknown>,
  ): Promise<void> {
    let failed = 0
    const touched = new Set(parts)
    const others = new Set(processGroupsOf(this.#plan.groups.filter(({ name }) => !touched.has(name))))
    const report = collectOutcomes({ parts, hasOthers: (group) => others.has(group) }, (outcome) => {
      if (outcome.error !== null) failed += 1
      tell({ type: 'group', ...outcome })
    })
    const stopWatching = this.#world.progress.watch((progress) => {
      if (touched.has(progress.group)) tell({ type: 'worker', ...progress, group: shownPart(progress.group) })
    })
    await work(report)
    stopWatching()
    tell({ type: 'done', failed })
  }

  #refusalOf(unknown: readonly string[]): ProgressLine | null {
    if (this.#isStopping()) return refusedByStop
    if (unknown.length === 0) return null
    const known = processGroupsOf(this.#plan.groups)
    return {
      type: 'refused',
      code: 'unknown-group',
      message: unknown.map((name) => unknownGroup(name, known)).join('; '),
    }
  }

  #isStopping(): boolean {
    const { phase } = this.#world.machines.supervisor
    return phase !== 'starting' && phase !== 'running'
  }
}

const refusedByStop = {
  type: 'refused',
  code: 'not-possible',
  message: 'the server stops; start it again with wsgid start',
} as const

function changedForGood(settings: readonly string[]): string {
  return `${settings.join(' and ')} cannot change while the server runs: restart it with wsgid stop and wsgid start`
}

async function inTurns<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const takeTurns = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, takeTurns))
}
