// What parts of responses are kept in on their way to clients.
import { expect, test } from '@jest/globals'
import { passOn } from './chunk-pool.ts'
import type { ClientResponse } from './client-message.ts'

/** Takes what it has been given only when take() is called. */
function hesitantClient(): Pick<ClientResponse, 'writableLength' | 'write'> & {
  buffers: Set<ArrayBufferLike>
  take(): void
} {
  const callbacks: (() => void)[] = []
  const buffers = new Set<ArrayBufferLike>()
  return {
    buffers,
    writableLength: 8_388_608,
    write(part: Buffer, written: unknown) {
      buffers.add(part.buffer)
      callbacks.push(written as () => void)
      return false
    },
    take: () => callbacks.splice(0).forEach((written) => written()),
  }
}

test.each([20_000, 32_768, 65_536, 65_537, 100_000, 262_144])(
  'parts of %i bytes that wait for a client lie in memory that parts before them were in, and not twice in the same',
  (length) => {
    const client = hesitantClient()
    const pass8MiB = (): void => {
      for (let passed = 0; passed < 8_388_608; passed += length) passOn(client, Buffer.alloc(length, 1))
    }
    pass8MiB()
    expect(client.buffers.size).toBe(Math.ceil(8_388_608 / length))
    for (let round = 0; round < 3; round += 1) {
      client.take()
      pass8MiB()
    }
    expect(client.buffers.size).toBe(Math.ceil(8_388_608 / length))
  },
)
