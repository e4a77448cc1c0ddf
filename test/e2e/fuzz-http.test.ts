// Spoilt requests by the tens of thousands: the server goes on answering, and runs nothing that is not a request by right. WSGID_SEED repeats
// a run; WSGID_FUZZ says how many requests, 100,000 without it.
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { request } from '../support/http.ts'
import { chanceOf, spoilt, type Chance } from '../support/mutated-requests.ts'
import { requestsByRight, staysOpen } from '../support/requests-by-right.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { conclusively, test } from '../support/test.ts'

const requests = Number(process.env['WSGID_FUZZ'] ?? 100_000)
const seed = Number(process.env['WSGID_SEED'] ?? Date.now() % 1_000_000_000)
const batch = 1000
const atOnce = 32

/** Sends the bytes, ends its side, and waits until the server has ended its own. */
async function send(port: number, bytes: string): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.on('error', () => undefined).resume()
  const closed = once(socket, 'close')
  socket.on('end', () => socket.destroy()).end(bytes, 'latin1')
  await closed
}

/** Requests with their numbers, packed into connections: as many on one as it can bear, the one that ends it last. */
function packed(chance: Chance, first: number): readonly string[] {
  const connections: string[] = []
  let collected = ''
  for (let number = first; number < first + batch; number += 1) {
    const bytes = spoilt(chance, number)
    collected += bytes
    if (staysOpen(bytes)) continue
    connections.push(collected)
    collected = ''
  }
  return [...connections, collected]
}

async function sendAll(port: number, connections: readonly string[]): Promise<void> {
  const left = connections.values()
  const work = async (): Promise<void> => {
    for (const bytes of left) await send(port, bytes)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}

/** The next good request, on a new connection: what was run of that which was never to be run. */
async function namesSeen(server: RunningWsgid): Promise<readonly string[]> {
  const answer = await request(server.url('/names-seen'), { timeoutMs: 20_000 })
  expect(answer.status).toBe(200)
  return answer.text.split(' ').filter((name) => name !== '')
}

test(
  `${requests} spoilt requests (WSGID_SEED=${seed}): after them good ones are answered, and no body was run as a request`,
  async () => {
    const groups = [aGroup({ name: 'witness', applications: [{ mount: '/', script: '../apps/witness.py' }] })]
    await using server = await startWsgid({ groups, config: { 'header-timeout': '5s', 'body-timeout': '5s' } })
    const before = await server.status()
    const port = Number(new URL(server.url()).port)
    const chance = chanceOf(seed)
    let ranByRight = 0
    for (let first = 0; first < requests; first += batch) {
      const connections = packed(chance, first)
      await sendAll(port, connections)
      for (const name of await namesSeen(server)) {
        const bytes = connections.find((each) => each.includes(name)) ?? ''
        conclusively(() => {
          if (!requestsByRight(bytes).includes(name)) throw new Error(`ran ${name} out of ${JSON.stringify(bytes)}`)
        })
        ranByRight += 1
      }
    }
    // A fault that takes a length away makes what stood inside a request by right: none at all would mean that nobody told.
    expect(ranByRight).toBeGreaterThan(0)
    const after = await server.status()
    expect(after.routers.map(({ pid }) => pid)).toEqual(before.routers.map(({ pid }) => pid))
    expect(after.groups[0]).toMatchObject({ restarts: 0, queue: 0, active: 0 })
  },
  { seconds: 400 },
)
