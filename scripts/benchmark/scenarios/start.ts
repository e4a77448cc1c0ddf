// From nothing to the first answer: of a whole server, of a group that sleeps.
import { performance } from 'node:perf_hooks'
import { startWithSleeper } from '../peers/wsgid.ts'
import { checkAnswer } from '../load/request.ts'
import type { Column, Context, Lane, Scenario } from '../scenario.ts'
import type { SiteName } from '../workspace.ts'

const milliseconds: Column = { key: 'time', title: 'ms', digits: 0 }

/** A scenario of a server's start, looked at every 10 ms. */
export const startToAnswer = (title: string, site: SiteName): Scenario => ({
  title,
  site,
  columns: [milliseconds],
  better: 'lower',
  atMost: 3,
  lasts: () => 1,
  measure: async (lane) => {
    const server = await lane.fresh()
    await server.stop()
    return { figures: { time: server.startMs }, requests: 1, failed: 0 }
  },
})

/** No peer starts a group on demand: their rows would be the ones of a start. */
export const firstOnDemand: Scenario = {
  title: 'First request to a group with `start: on-demand`',
  site: 'plain',
  columns: [milliseconds],
  better: 'lower',
  atMost: 5,
  isFor: ({ kind }) => kind === 'ours',
  lasts: () => 3,
  measure: async (lane, context) => ({ figures: { time: await timeOfFirst(lane, context) }, requests: 1, failed: 0 }),
}

async function timeOfFirst(_: Lane, { program, workspace, signal }: Context): Promise<number> {
  const site = workspace.sites.plain
  const server = await startWithSleeper(program, { workspace, site, signal })
  try {
    const began = performance.now()
    await checkAnswer(server.url, { path: '/asleep', expected: { body: site.ready } }, signal)
    return performance.now() - began
  } finally {
    await server.stop()
  }
}
