// How often a router collects what was read of uploads.
import { afterEach, expect, jest, test } from '@jest/globals'
import { countRead } from './read-bytes.ts'

const before = globalThis.gc
afterEach(() => {
  globalThis.gc = before
})

test('after each 16 MiB of bodies the young generation is collected, once', () => {
  const collect = jest.fn()
  globalThis.gc = collect as unknown as NonNullable<typeof before>
  for (let read = 0; read < 64; read += 1) countRead(1_048_576)
  expect(collect.mock.calls).toEqual(Array(4).fill([{ type: 'minor' }]))
})
