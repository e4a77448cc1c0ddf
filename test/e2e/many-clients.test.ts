// Clients that come in crowds: slow ones, and idle ones. What a well-behaved client beside them notices. With WSGID_LONG=1 only: it
// measures, and needs a machine that does nothing else (at a load of ten on two cores the usual latency alone varies threefold).
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { aGroup } from '../support/a-group.ts'
import { keepAliveAgent, request } from '../support/http.ts'
import { residentBytes } from '../support/processes.ts'
import { openConnection, type RawConnection } from '../support/raw-http.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { atEnd, installed, test } from '../support/test.ts'

const slowhttptest = '/usr/bin/slowhttptest'
const samples = 400

/** Of requests one after the other on one connection: median and 95th percentile, milliseconds. */
async function latency(server: RunningWsgid): Promise<{ median: number; late: number }> {
  const agent = keepAliveAgent()
  const taken: number[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    const sent = performance.now()
    expect((await request(server.url('/write'), { agent })).status).toBe(200)
    taken.push(performance.now() - sent)
  }
  agent.destroy()
  taken.sort((a, b) => a - b)
  return { median: taken[samples / 2] ?? 0, late: taken[samples * 0.95] ?? 0 }
}

const rounded = ({ median, late }: { median: number; late: number }) =>
  `median ${median.toFixed(2)} ms, 95 % within ${late.toFixed(2)} ms`

for (const [mode, ...more] of [
  ['-H', '-i', '5', '-x', '24'],
  ['-B', '-i', '5', '-s', '8192', '-x', '10', '-f', 'text/plain'],
  ['-R', '-a', '10', '-b', '3000'],
  ['-X', '-w', '512', '-y', '1024', '-n', '5', '-z', '32', '-k', '3'],
] as const) {
  test(
    `slowhttptest ${mode} with 1,000 connections leaves a client's latency under twice the usual`,
    async () => {
      await using server = await startWsgid({ groups: [aGroup({ threads: 15 })] })
      await latency(server)
      const before = await latency(server)
      const url = server.url('/stream?bytes=1000000')
      const attack = execa(slowhttptest, [mode, ...more, '-c', '1000', '-r', '500', '-l', '40', '-u', url], {
        reject: false,
        stdout: 'ignore',
      })
      atEnd(async () => {
        attack.kill('SIGINT')
        await attack
      })
      // Those of the range attack are answered and end at once.
      const wanted = mode === '-R' ? 100 : 900
      await server.statusWhen(
        'the attack runs',
        ({ routers }) => {
          const [router] = routers
          return (router?.connections ?? 0) >= wanted || (mode === '-R' && (router?.requests ?? 0) > wanted)
        },
        30,
      )
      const during = await latency(server)
      process.stderr.write(`${mode}: before ${rounded(before)}; during ${rounded(during)}\n`)
      expect(during.median).toBeLessThan(2 * before.median)
    },
    { seconds: 120, needs: [installed(slowhttptest)] },
  )
}

test(
  '10,000 idle keep-alive connections take little memory, and requests beside them notice nothing',
  async () => {
    await using server = await startWsgid({ groups: [aGroup()], config: { 'keep-alive-timeout': '10m' } })
    await latency(server)
    const before = await latency(server)
    const pid = (await server.status()).routers[0]?.pid ?? 0
    const memoryBefore = residentBytes(pid)
    const connections: RawConnection[] = []
    atEnd(async () => {
      for (const connection of connections) await connection[Symbol.asyncDispose]()
    })
    while (connections.length < 10_000) {
      const opened = await Promise.all(Array.from({ length: 100 }, () => openConnection(server.url())))
      for (const connection of opened) connection.send('GET /write HTTP/1.1\r\nHost: x\r\n\r\n')
      for (const connection of opened) await connection.receive((received) => received.includes('0\r\n\r\n'))
      connections.push(...opened)
    }
    await server.statusWhen('all are open', ({ routers }) => (routers[0]?.connections ?? 0) >= 10_000)
    const during = await latency(server)
    const each = (residentBytes(pid) - memoryBefore) / connections.length
    process.stderr.write(`idle: before ${rounded(before)}; during ${rounded(during)}; ${each.toFixed(0)} bytes each\n`)
    expect(during.median).toBeLessThan(2 * before.median)
    expect(each).toBeLessThan(32_768)
  },
  { seconds: 180 },
)
