import { expect, test } from '@jest/globals'
import { ResponseFlow } from './response-flow.ts'

const WINDOW = 1_310_720
const STEP = 524_288

const KIB_64 = 65_536

type Settings = { firstCredit: number; responseBufferSize: number; overBudget: boolean }

/** A flow whose client takes nothing until take() is called, and the credit that its worker got, in turn. */
function aFlow({ firstCredit = WINDOW, responseBufferSize = 1 << 23, overBudget = false }: Partial<Settings> = {}) {
  const credits: number[] = []
  const drained: (() => void)[] = []
  let left = Infinity
  const client = { writableLength: 0, once: (_event: 'drain', listener: () => void) => drained.push(listener) }
  const limits = { budget: { held: 1, limit: overBudget ? 0 : Infinity }, responseBufferSize }
  const flow = new ResponseFlow(client, limits, {
    firstCredit,
    grant: (amount) => credits.push(amount),
    resumed: () => flow.written(left),
  })
  /** The worker has sent so much; the response has so much left. */
  const hold = (length: number, rest = Infinity): void => {
    left = rest
    client.writableLength += length
    flow.received(length)
    flow.written(rest)
  }
  const take = (): void => {
    client.writableLength = 0
    drained.splice(0).forEach((listener) => listener())
  }
  /** The same with a client that takes it at once. */
  const pass = (length: number, rest: number): void => {
    flow.received(length)
    flow.written(rest)
  }
  return { credits, client, hold, take, pass }
}

test('a response of unknown length gets its credit back in large steps', () => {
  const { credits, pass } = aFlow()
  for (let sent = 0; sent < 2 * STEP; sent += STEP / 4) pass(STEP / 4, Infinity)
  expect(credits).toEqual([STEP, STEP])
})

test('a response whose rest fits into its credit gets no more: its worker is not woken in vain', () => {
  const { credits, pass } = aFlow()
  for (let left = WINDOW + STEP / 2; left > 0; left -= STEP / 4) pass(STEP / 4, left - STEP / 4)
  expect(credits).toEqual([STEP])
})

test('an application that sends much more than its Content-Length is not left waiting for credit', () => {
  const { credits, pass } = aFlow()
  for (let sent = 0; sent < WINDOW * 4; sent += WINDOW) pass(WINDOW, 0)
  expect(credits).toEqual([WINDOW, WINDOW, WINDOW, WINDOW])
})

/** Has the worker send all that it may until it must wait for the client, `rounds` times. @returns the most that was held */
function flood(flow: ReturnType<typeof aFlow>, firstCredit: number, rounds: number): number {
  let credit = firstCredit
  let most = 0
  for (let round = 0; round < rounds; round += 1) {
    while (credit > 0) {
      const part = Math.min(credit, 40_000)
      flow.hold(part)
      credit += flow.credits.splice(0).reduce((sum, amount) => sum + amount, -part)
    }
    most = Math.max(most, flow.client.writableLength)
    flow.take()
    credit += flow.credits.splice(0).reduce((sum, amount) => sum + amount, 0)
    expect(credit).toBeGreaterThan(0)
  }
  return most
}

test.each([KIB_64, 4 * KIB_64, 1 << 23])(
  'response-buffer-size %i: not much more is taken off a worker than that, and it is never left without credit',
  (responseBufferSize) => {
    const firstCredit = Math.min(WINDOW, responseBufferSize)
    const most = flood(aFlow({ firstCredit, responseBufferSize }), firstCredit, 9)
    expect(most).toBeGreaterThanOrEqual(responseBufferSize)
    expect(most).toBeLessThan(responseBufferSize + firstCredit)
  },
)

test('while all responses together hold too much, each gets no more than 64 KiB at a time', () => {
  const flow = aFlow({ overBudget: true })
  expect(flood(flow, WINDOW, 1)).toBe(WINDOW)
  expect(flood(flow, KIB_64, 9)).toBeLessThan(2 * KIB_64)
})

test('a response-buffer-size that was made larger by a reload counts for workers that began with a smaller one', () => {
  const { credits, pass } = aFlow({ firstCredit: KIB_64 })
  pass(1_000, Infinity)
  expect(credits).toEqual([WINDOW - KIB_64 + 1_000])
})
