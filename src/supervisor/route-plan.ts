// What the routers know of the groups: kept in step with plans and generations, sent only when it has changed.
import { serves, wantedGeneration } from '../lifecycle/group-state.ts'
import type { GroupPlan } from '../plan/plan.ts'
import { routeKey, type NumberedApplication } from '../plan/application-numbers.ts'
import type { RouterGroup } from '../protocol/supervision.ts'
import type { GroupEntry } from './machines.ts'
import type { WorkerChildren } from './worker-children.ts'

export class RoutePlan {
  readonly #children: WorkerChildren
  readonly #send: (groups: readonly RouterGroup[]) => void
  readonly #groups = new Map<string, { readonly group: RouterGroup; readonly text: string }>()
  #changed = false

  /** @param send to all routers that know their routes already */
  constructor(children: WorkerChildren, send: (groups: readonly RouterGroup[]) => void) {
    this.#children = children
    this.#send = send
  }

  get groups(): readonly RouterGroup[] {
    return [...this.#groups.values()].map(({ group }) => group)
  }

  /** Looks at a group whose plan or generations may have changed; many changes of one turn go out together. */
  refresh({ plan, state }: Readonly<GroupEntry>): void {
    // One that stops keeps the routes that it has: it may have been removed, and its last workers must not bring them back.
    if (state.phase !== 'running') return
    const others = new Set(state.members.filter(serves).map(({ generation }) => generation.number))
    const wanted = wantedGeneration(state).number
    const group = routerGroup(plan, guardedBy(plan, this.#children.of(plan.name).routes(wanted, others)))
    const text = JSON.stringify(group)
    if (this.#groups.get(plan.name)?.text === text) return
    this.#groups.set(plan.name, { group, text })
    this.#change()
  }

  remove(group: string): void {
    if (this.#groups.delete(group)) this.#change()
  }

  /** Sends what has changed, now: before something that rests on it. */
  flush(): void {
    if (!this.#changed) return
    this.#changed = false
    this.#send(this.groups)
  }

  #change(): void {
    if (!this.#changed) setImmediate(() => this.flush())
    this.#changed = true
  }
}

/**
 * Who may pass and what is served beside the workers is as the newest definition has it, also while workers of an older one serve: no worker has to be
 * replaced for it, and no failed roll keeps it from taking effect.
 */
function guardedBy(plan: GroupPlan, applications: readonly NumberedApplication[]): readonly NumberedApplication[] {
  const newest = new Map(plan.applications.map((application) => [routeKey(application), application]))
  return applications.map((application) => {
    const { auth, static: directories } = newest.get(routeKey(application)) ?? application
    return { ...application, auth, static: directories }
  })
}

function routerGroup(group: GroupPlan, applications: readonly NumberedApplication[]): RouterGroup {
  const { name, processGroup, threads, maximumProcesses, listenBacklog, connectTimeout, queueTimeout, socketTimeout } =
    group
  const { responseSocketTimeout, limitRequestBody, responseBufferSize, gracefulTimeout, accessLog } = group
  return {
    ...{ name, processGroup, threads, listenBacklog, connectTimeout, queueTimeout, socketTimeout },
    ...{ responseSocketTimeout, limitRequestBody, responseBufferSize, gracefulTimeout, accessLog },
    multiprocess: maximumProcesses > 1,
    applications,
  }
}
