// Bodies much larger than memory would allow pass through, in both directions, without being collected anywhere.
import { buffer } from 'node:stream/consumers'
import { setInterval } from 'node:timers'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { openRequest } from '../support/http.ts'
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

test('downloads beside each other, some of them slow, keep their own bytes', async () => {
  await using server = await startWsgid({ groups: [aGroup({ processes: 2, threads: 8 })] })
  const blocks = 30
  const wrong = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const first = index * 1_000
      const answer = await openRequest(server.url(`/numbered?blocks=${blocks}&first=${first}`))
      // Every third client lets the buffers on the way fill up, and takes the rest when the others are served.
      if (index % 3 === 0) await downloadAndCount(server.url('/stream?bytes=5000000'))
      return wrongWords(answer, { first, words: blocks * 32_768 })
    }),
  )
  expect(wrong).toEqual(Array(12).fill(0))
})

/** How many words of an answer of /numbered are not what and where they should be, missing ones included. */
async function wrongWords(answer: AsyncIterable<Buffer>, expected: { first: number; words: number }): Promise<number> {
  const bytes = await buffer(answer)
  let wrong = Math.abs(expected.words - bytes.length / 4)
  for (let word = 0; word < expected.words && word * 4 < bytes.length; word += 1)
    if (bytes.readUInt32BE(word * 4) !== expected.first + Math.floor(word / 32_768)) wrong += 1
  return wrong
}
