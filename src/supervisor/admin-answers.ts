// What admin.listen answers: metrics, health and readiness of this server.
import { plainAnswer, type AdminAnswer, type AdminApi } from '../control/admin-server.ts'
import type { PublicGroupState } from '../lifecycle/public-state.ts'
import { formatFor, type MetricsFormat } from '../observe/metrics-format.ts'
import { Pace, paced } from './paced.ts'
import { readMetrics, stateOfGroup, whyNotReady } from './read-metrics.ts'
import type { StatusSources } from './status.ts'

/** In these a request is served: an idle group's starts its workers. */
const serving: ReadonlySet<PublicGroupState> = new Set(['idle', 'running', 'rolling', 'degraded'])

export function adminAnswers(sources: StatusSources): AdminApi {
  // Whoever can connect may ask, tenants too, and this process has more to do than to answer.
  const pace = new Pace()
  const metrics = {
    openmetrics: paced(pace, () => tellMetrics(sources, 'openmetrics')),
    text: paced(pace, () => tellMetrics(sources, 'text')),
  }
  return {
    metrics: (accept) => metrics[formatFor(accept)](),
    health: () => plainAnswer(200, 'alive'),
    readiness: (group) => readiness(sources, group),
  }
}

async function tellMetrics(sources: StatusSources, format: MetricsFormat): Promise<AdminAnswer> {
  const server = await readMetrics(sources)
  // Nothing of it is needed as long as nobody asks.
  const [{ samplesOf }, { renderMetrics }] = await Promise.all([
    import('../observe/metric-samples.ts'),
    import('../observe/metrics-text.ts'),
  ])
  const { contentType, body } = await renderMetrics(samplesOf(server), format)
  return { status: 200, contentType, body }
}

function readiness({ machines }: StatusSources, group: string | null): AdminAnswer {
  const why = whyNotReady(machines)
  if (why !== null) return plainAnswer(503, `not ready: ${why}`)
  if (group === null) return plainAnswer(200, 'ready')
  const state = stateOfGroup(machines, group)
  if (state === undefined) return plainAnswer(404, `there is no group "${group}"`)
  return serving.has(state) ? plainAnswer(200, `ready: ${state}`) : plainAnswer(503, `not ready: ${state}`)
}
