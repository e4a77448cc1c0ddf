// What a server that has served something takes while nobody asks it: proportional set sizes, since its processes share much.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Server } from '../../servers/server.ts'
import { runWrk } from '../load/wrk.ts'
import { proportionalKib, type Process } from '../processes.ts'
import { rolesOf, workersOf } from '../roles.ts'
import type { Context, Lane, Sample, Scenario } from '../scenario.ts'
import type { SiteName } from '../workspace.ts'
import { settle } from './growth.ts'
import { hello } from './hello.ts'

const CONNECTIONS = 400

/** A scenario of a server of its own that has served for a second. What the kernel holds for sockets is not in it. */
export const memory = (title: string, site: SiteName): Scenario => ({
  title,
  site,
  columns: [
    { key: 'all', title: 'all processes, MiB', digits: 1 },
    { key: 'worker', title: 'a worker, MiB', digits: 1 },
    { key: 'connection', title: 'a connection, KiB', digits: 1 },
  ],
  better: 'lower',
  atMost: 1,
  lasts: () => 3,
  measure: async (lane, context) => {
    const server = await lane.fresh()
    try {
      return await measure(lane, server, context)
    } finally {
      await server.stop()
    }
  },
})

async function measure({ row }: Lane, server: Server, context: Context): Promise<Sample> {
  const { requests, failed } = await runWrk({
    ...context,
    url: server.url,
    request: hello,
    connections: 32,
    seconds: 1,
  })
  await settle(context.signal)
  const roles = await rolesOf(row, server)
  const processes = [...roles.web, ...roles.application]
  const [all, workers] = [await sizeOf(processes), workersOf(roles)]
  const worker = (await sizeOf(workers)) / workers.length
  const clients = await openConnections(server.url, context.signal)
  const stayed = clients.filter(({ closed, readableEnded }) => !closed && !readableEnded).length
  // A server that ends them does not keep them in memory, either.
  const connection = stayed === CONNECTIONS ? { connection: ((await sizeOf(processes)) - all) / CONNECTIONS } : {}
  for (const client of clients) client.destroy()
  return { figures: { all: all / 1024, worker: worker / 1024, ...connection }, requests, failed }
}

async function sizeOf(processes: readonly Process[]): Promise<number> {
  const sizes = await Promise.all(processes.map(({ pid }) => proportionalKib(pid)))
  return sizes.reduce((sum, one) => sum + one, 0)
}

/** Connections that have had one answer and are kept, opened one by one. */
async function openConnections(url: string, signal: AbortSignal): Promise<Socket[]> {
  const { hostname, port, host } = new URL(url)
  const clients: Socket[] = []
  for (let count = 0; count < CONNECTIONS; count += 1) {
    const client = connect(Number(port), hostname)
    clients.push(client)
    client.on('error', () => undefined)
    client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await once(client, 'data', { signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) })
  }
  return clients
}
