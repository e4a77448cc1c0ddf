import { expect, test } from '@jest/globals'
import { ResponseFlow } from './response-flow.ts'

const WINDOW = 1_310_720
const STEP = 524_288

/** A flow whose client takes everything at once, and the credit that its worker got, in turn. */
function aFlow() {
  const credits: number[] = []
  const client = { writableLength: 0, once: () => undefined }
  const flow = new ResponseFlow(
    client,
    { budget: { held: 0, limit: 1 }, responseBufferSize: 65_536 },
    { grant: (amount) => credits.push(amount), resumed: () => undefined },
  )
  const pass = (length: number, left: number): void => {
    flow.received(length)
    flow.written(left)
  }
  return { credits, pass }
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
