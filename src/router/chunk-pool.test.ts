// What parts of responses are kept in on their way to clients.
import { expect, test } from '@jest/globals'
import { HesitantClient } from '../../test/support/hesitant-client.ts'
import { passOn } from './chunk-pool.ts'

/** @returns a client that is behind, so that all parts are copied */
const aClient = (): HesitantClient => new HesitantClient(8_388_608)

function pass(client: HesitantClient, length: number, bytes: number): void {
  for (let passed = 0; passed < bytes; passed += length) passOn(client, Buffer.alloc(length, 1))
}

test.each([20_000, 32_768, 65_536, 65_537, 100_000, 262_144])(
  'parts of %i bytes that wait for a client lie in memory that parts before them were in, and not twice in the same',
  (length) => {
    const client = aClient()
    pass(client, length, 8_388_608)
    expect(client.buffers.size).toBe(Math.ceil(8_388_608 / length))
    for (let round = 0; round < 3; round += 1) {
      client.takeAll()
      pass(client, length, 8_388_608)
    }
    expect(client.buffers.size).toBe(Math.ceil(8_388_608 / length))
  },
)

test('no more than 20 MiB are kept to be used again, and parts of another length find room in them', () => {
  const length = 262_144
  const clients = [aClient(), aClient()] as const
  for (const client of clients) {
    pass(client, length, 40 << 20)
    client.takeAll()
  }
  const again = [...clients[1].buffers].filter((buffer) => clients[0].buffers.has(buffer)).length * length
  expect(again).toBeGreaterThan(10 << 20)
  expect(again).toBeLessThanOrEqual(20 << 20)
  const other = aClient()
  for (let round = 0; round < 2; round += 1) {
    pass(other, 65_536, 8 << 20)
    other.takeAll()
  }
  expect(other.buffers.size).toBe((8 << 20) / 65_536)
})
