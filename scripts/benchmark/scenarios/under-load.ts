// As many requests as a server takes, over a number of connections: requests per second, latencies, CPU time of a request.
import { checkAnswer, type Request } from '../load/request.ts'
import { whileScraping } from '../load/scrape.ts'
import { runWrk } from '../load/wrk.ts'
import { costPerRequest, rolesOf } from '../roles.ts'
import type { Column, Context, Lane, Sample, Scenario } from '../scenario.ts'
import type { SiteName } from '../workspace.ts'
import { p50Column, p99Column, rateColumn } from './columns.ts'
import { settle, watchGrowth } from './growth.ts'

type UnderLoad = Readonly<{
  title: string
  site?: SiteName
  request: Request
  connections: number
  /** Requests per second that could be at best: their share becomes a column. */
  ideal?: number
  /** Whether the growth of the web server's memory is of interest. */
  growth?: boolean
}>

/** So many requests, and a second of them at least, go before the first round. */
const WARM_UP_REQUESTS = 3_000
const MOST_WARM_UP_SECONDS = 6

const common: readonly Column[] = [
  p50Column,
  p99Column,
  { key: 'webCpu', title: 'web server µs CPU', digits: 1 },
  { key: 'applicationCpu', title: 'application server µs CPU', digits: 1 },
  { key: 'cpu', title: 'both µs CPU', digits: 1 },
]

/** A scenario of requests without pause. */
export function underLoad(load: UnderLoad): Scenario {
  const { title, site = 'plain', ideal, growth = false } = load
  const share: Column[] = ideal === undefined ? [] : [{ key: 'share', title: 'share of the ideal', digits: 3 }]
  const growing: Column[] = growth ? [{ key: 'growth', title: 'web server grows, MiB', digits: 1 }] : []
  return {
    title,
    site,
    columns: [rateColumn, ...share, ...common, ...growing],
    better: 'higher',
    lasts: (seconds) => seconds + 0.2,
    begin: (lane, context) => begin(lane, context, load),
    measure: (lane, context) => measure(lane, context, load),
  }
}

async function begin(lane: Lane, context: Context, load: UnderLoad): Promise<void> {
  const { url } = await lane.server()
  await checkAnswer(url, load.request, context.signal)
  // What a server, a runtime or a processor does lazily: its speed is not counted, and neither are connections that it is not prepared for.
  let requests = 0
  for (let second = 0; second < MOST_WARM_UP_SECONDS && requests < WARM_UP_REQUESTS; second += 1)
    requests += (await runWrk({ ...context, ...load, url, seconds: 1 })).requests
}

async function measure({ row, server }: Lane, context: Context, load: UnderLoad): Promise<Sample> {
  const running = await server()
  const before = await rolesOf(row, running)
  const grown = load.growth === true ? await watchGrowth(before.web) : undefined
  const wrk = () => runWrk({ ...context, ...load, url: running.url })
  const { requests, failed, ...told } = await whileScraping(running.metrics, wrk)
  await settle(context.signal)
  const cost = costPerRequest(before, await rolesOf(row, running), requests)
  const figures = {
    rate: told.requestsPerSecond,
    p50: told.p50,
    p99: told.p99,
    ...cost,
    ...(load.ideal !== undefined && { share: told.requestsPerSecond / load.ideal }),
    ...(grown !== undefined && { growth: await grown() }),
  }
  return { figures, requests, failed }
}
