// Bodies much larger than memory would allow pass through, in both directions, without being collected anywhere.
import { setInterval } from 'node:timers'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { residentBytes } from '../support/processes.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { downloadAndCount, uploadZeros } from '../support/streaming.ts'
import { test } from '../support/test.ts'

const gibibyte = 1 << 30
const allowed = 64 << 20

/** By how many bytes each router and worker grew, at most, while something went on. */
async function growthWhile(server: RunningWsgid, doing: () => Promise<void>): Promise<readonly number[]> {
  const { routers, groups } = await server.status()
  const pids = [...routers, ...groups.flatMap(({ workers }) => workers)].map(({ pid }) => pid)
  const before = pids.map(residentBytes)
  const largest = [...before]
  const sample = () =>
    pids.forEach((pid, index) => (largest[index] = Math.max(largest[index] ?? 0, residentBytes(pid))))
  const timer = setInterval(sample, 20)
  try {
    await doing()
    sample()
  } finally {
    clearInterval(timer)
  }
  return largest.map((bytes, index) => bytes - (before[index] ?? 0))
}

const bodies: readonly [string, (server: RunningWsgid) => Promise<unknown>, unknown][] = [
  ['an upload', (server) => uploadZeros(server.url('/count'), gibibyte), `{"length": ${gibibyte}}`],
  ['a download from a generator', (server) => downloadAndCount(server.url(`/stream?bytes=${gibibyte}`)), gibibyte],
  ['a download from a file_wrapper', (server) => downloadAndCount(server.url(`/file?bytes=${gibibyte}`)), gibibyte],
]

for (const [title, transfer, expected] of bodies) {
  test(
    `${title} of 1 GiB passes complete, and neither router nor worker grows by 64 MiB`,
    async () => {
      await using server = await startWsgid({ groups: [aGroup({ processes: 1, threads: 2 })] })
      let outcome: unknown
      const growth = await growthWhile(server, async () => {
        outcome = await transfer(server)
      })
      expect(outcome).toEqual(expected)
      expect(growth).toHaveLength(2)
      expect(Math.max(...growth)).toBeLessThan(allowed)
    },
    { seconds: 120 },
  )
}

test('an upload that the application does not read neither grows anything nor ends the connection wrongly', async () => {
  await using server = await startWsgid({ groups: [aGroup({ processes: 1, threads: 2 })] })
  const growth = await growthWhile(server, async () => {
    expect(await uploadZeros(server.url('/ignore-body'), 64 << 20)).toBe('not read')
  })
  expect(Math.max(...growth)).toBeLessThan(allowed)
})
