// Turns effects into system calls and messages. Decides nothing; what comes of it is reported back as events.
import type { FleetEffect } from '../lifecycle/fleet.ts'
import { wantedGeneration, type GroupEffect } from '../lifecycle/group-state.ts'
import type { Logs } from '../observe/logs.ts'
import { shownPart } from '../plan/application-groups.ts'
import type { Credentials } from './credentials.ts'
import type { DebugSessions } from './debug-sessions.ts'
import type { GroupEntry, Input } from './machines.ts'
import type { Progress } from './progress.ts'
import type { RoutePlan } from './route-plan.ts'
import type { RouterChildren } from './router-children.ts'
import type { WorkerChildren } from './worker-children.ts'

export type World = Readonly<{
  workers: WorkerChildren
  routers: RouterChildren
  routes: RoutePlan
  credentials: Credentials
  debugging: DebugSessions
  logs: Logs
  progress: Progress
  post: (input: Input) => void
}>

export function carryOutForGroup(world: World, entry: GroupEntry, effect: GroupEffect): void {
  const { workers, routers, routes, credentials, debugging, logs, progress, post } = world
  const { plan } = entry
  const group = plan.name
  const children = workers.of(group)
  switch (effect.type) {
    case 'new-generation':
      debugging.endOf(group, `${shownPart(group)} has new workers: start wsgid debug again to see their code`)
      children.define(effect.generation, plan)
      return routes.refresh(entry)
    case 'start':
      return children.start(effect)
    case 'announce':
      // A router must know the group before it hears of a worker.
      routes.flush()
      return post({ to: 'fleet', event: { type: 'announce', group, worker: effect.number } })
    case 'withdraw':
      return post({ to: 'fleet', event: { type: 'withdraw', group, worker: effect.number } })
    case 'drain':
      return children.drain(effect.number, effect.reason)
    case 'terminate':
      return children.terminate(effect.number)
    case 'kill':
      return children.kill(effect.number)
    case 'release':
      children.release(effect.number, effect.reason)
      return routes.refresh(entry)
    case 'end-template':
      children.endTemplate(effect.generation)
      return children.forgetGenerationsBut(new Set([entry.state.serving.number, wantedGeneration(entry.state).number]))
    case 'roll-ended': {
      const { generation, error } = effect
      const outcome = error === null ? 'is up' : `failed: ${error.trimEnd().split('\n').at(-1) ?? ''}`
      logs.say(error === null ? 'info' : 'error', { group, gen: generation }, `generation ${generation} ${outcome}`)
      routes.refresh(entry)
      return progress.ended(group, error)
    }
    case 'unavailable':
      return routers.broadcast({ type: 'group-unavailable', group, why: effect.why, detail: effect.detail })
    case 'transition': {
      const { number: worker, generation, from, to, why } = effect
      const pid = children.process(worker)?.pid
      const speaker = { group, worker, gen: generation, ...(pid !== undefined && { pid }) }
      progress.changed({ group, worker, generation, pid: pid ?? null, from, to, why })
      return logs.say('info', speaker, `${from} -> ${to}${why === '' ? '' : ` (${why})`}`)
    }
    case 'ended':
      credentials.forget(group)
      progress.gone(group)
      return post({ to: 'supervisor', event: { type: 'group-ended' } })
  }
}

export function carryOutForFleet({ routers, logs, debugging, post }: World, effect: FleetEffect): void {
  switch (effect.type) {
    case 'start':
      return routers.start(effect.number)
    case 'introduce':
      return routers.introduce(effect.number, effect.serving)
    case 'announce':
      return routers.announce(effect.number, effect.name)
    case 'withdraw':
      return routers.send(effect.number, { type: 'worker-withdraw', ...effect.name })
    case 'idle': {
      const { group, worker } = effect.name
      if (debugging.isIdle(effect.name)) return
      return post({ to: 'group', group, event: { type: 'worker-idle', number: worker } })
    }
    case 'drain':
      return routers.send(effect.number, { type: 'drain' })
    case 'quit':
      return routers.send(effect.number, { type: 'quit' })
    case 'kill':
      return routers.kill(effect.number)
    case 'release':
      return routers.release(effect.number)
    case 'transition': {
      const pid = routers.pid(effect.number)
      const speaker = { router: effect.number, ...(pid !== undefined && { pid }) }
      return logs.say('info', speaker, `${effect.from} -> ${effect.to}`)
    }
    case 'ended':
      return post({ to: 'supervisor', event: { type: 'fleet-ended' } })
  }
}
