// Threads are what they say: that many requests at once, no more; and nobody waits behind a stuck one.
import { expect } from '@jest/globals'
import { aGroup, tenant } from '../support/a-group.ts'
import { makeGate } from '../support/gate.ts'
import { getJson, keepAliveAgent, request } from '../support/http.ts'
import { descriptorsOf } from '../support/processes.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { test } from '../support/test.ts'

for (const threads of [1, 4]) {
  test(`with threads: ${threads} a worker runs exactly that many requests at once`, async () => {
    const site = await makeSite()
    await using server = await startWsgid({ site, groups: [aGroup({ processes: 1, threads })] })
    const gate = await makeGate(site, 'first')
    const answers = Array.from({ length: 3 * threads + 2 }, () => getJson(server.url(gate.path)))
    await gate.untilBegun(threads)
    await gate.open()
    const peaks = (await Promise.all(answers)).map(({ running }) => Number(running))
    expect(Math.max(...peaks)).toBe(threads)
    expect(gate.begun()).toBe(3 * threads + 2)
  })
}

test('two workers run twice as many requests at once as one', async () => {
  const site = await makeSite()
  await using server = await startWsgid({ site, groups: [aGroup({ processes: 2, threads: 3 })] })
  const gate = await makeGate(site, 'both')
  const answers = Array.from({ length: 9 }, () => getJson(server.url(gate.path)))
  await gate.untilBegun(6)
  await gate.open()
  const done = await Promise.all(answers)
  const peaks = new Map<unknown, number>()
  for (const { pid, running } of done) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, Number(running)))
  expect([...peaks.values()]).toEqual([3, 3])
})

test('no request waits behind a stuck one while another worker is free', async () => {
  const site = await makeSite()
  await using server = await startWsgid({ site, groups: [aGroup({ processes: 2, threads: 1, ...tenant('www-data') })] })
  const fast = () => request(server.url('/echo'), { agent })
  const agent = keepAliveAgent(40)
  // Very short requests first: the router then sends each worker many of them ahead.
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 40 }, fast))
  for (let round = 0; round < 5; round += 1) {
    const gate = await makeGate(site, `stuck-${round}`)
    const stuck = getJson(server.url(gate.path))
    // In the same breath, so that some are sent to the worker that is about to be stuck.
    const begun = performance.now()
    const latencies = Array.from({ length: 40 }, () => fast().then(() => performance.now() - begun))
    expect(Math.max(...(await Promise.all(latencies)))).toBeLessThan(1000)
    await gate.untilBegun(1)
    // And while it is stuck.
    const late = performance.now()
    await Promise.all(Array.from({ length: 40 }, fast))
    expect(performance.now() - late).toBeLessThan(1000)
    await gate.open()
    await stuck
  }
  agent.destroy()
})

test('connections that come together are taken eight at a time, by as many copies of a socket', async () => {
  await using server = await startWsgid({ groups: [aGroup()] })
  const [router] = (await server.status()).routers
  const links = [...descriptorsOf(router?.pid ?? 0).values()]
  const counts = links.map((link) => (link.startsWith('socket:') ? links.filter((each) => each === link).length : 0))
  expect(counts.filter((count) => count > 1)).toEqual(Array(8).fill(8))
})

test('a request that waits for a thread is taken up as soon as one is free', async () => {
  const site = await makeSite()
  await using server = await startWsgid({ site, groups: [aGroup({ processes: 1, threads: 2 })] })
  const first = await makeGate(site, 'first')
  const second = await makeGate(site, 'second')
  const running = [getJson(server.url(first.path)), getJson(server.url(second.path))]
  await Promise.all([first.untilBegun(1), second.untilBegun(1)])
  const waiting = request(server.url('/echo'))
  await server.statusWhen('one request waits', ({ groups }) => (groups[0]?.active ?? 0) + (groups[0]?.queue ?? 0) >= 3)
  const opened = performance.now()
  await first.open()
  expect((await waiting).status).toBe(200)
  expect(performance.now() - opened).toBeLessThan(500)
  await second.open()
  await Promise.all(running)
})
