// Turns effects into system calls and messages. Decides nothing; what comes of it is reported back as events.
import type { FleetEffect } from '../lifecycle/fleet.ts'
import type { GroupEffect } from '../lifecycle/group-state.ts'
import type { Logs } from '../observe/logs.ts'
import type { GroupPlan } from '../plan/plan.ts'
import type { Input } from './machines.ts'
import type { RouterChildren } from './router-children.ts'
import type { WorkerChildren } from './worker-children.ts'

export type World = Readonly<{
  workers: WorkerChildren
  routers: RouterChildren
  logs: Logs
  post: (input: Input) => void
}>

export function carryOutForGroup({ workers, routers, logs, post }: World, plan: GroupPlan, effect: GroupEffect): void {
  const group = plan.name
  switch (effect.type) {
    case 'start':
      return workers.start(plan, effect)
    case 'announce':
    case 'withdraw':
      return post({ to: 'fleet', event: { type: effect.type, group, worker: effect.number } })
    case 'drain':
      return workers.drain(group, effect.number)
    case 'terminate':
      return workers.signal(group, effect.number, 'SIGTERM')
    case 'kill':
      return workers.signal(group, effect.number, 'SIGKILL')
    case 'release':
      return workers.release(group, effect.number, effect.reason)
    case 'unavailable':
      return routers.broadcast({ type: 'group-unavailable', group, why: effect.why, detail: effect.detail })
    case 'transition': {
      const { number: worker, from, to, why } = effect
      const pid = workers.process(group, worker)?.pid
      const speaker = { group, worker, gen: effect.generation, ...(pid !== undefined && { pid }) }
      return logs.say('info', speaker, `${from} -> ${to}${why === '' ? '' : ` (${why})`}`)
    }
    case 'ended':
      return post({ to: 'supervisor', event: { type: 'group-ended' } })
  }
}

export function carryOutForFleet({ routers, logs, post }: World, effect: FleetEffect): void {
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
      return post({ to: 'group', group, event: { type: 'worker-idle', number: worker } })
    }
    case 'drain':
      return routers.send(effect.number, { type: 'drain' })
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
