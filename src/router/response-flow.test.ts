import { expect, test } from '@jest/globals'
import { ResponseFlow } from './response-flow.ts'

const WINDOW = 1_048_576

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

test('a response of unknown length gets its credit back in halves of what it began with', () => {
  const { credits, pass } = aFlow()
  for (let sent = 0; sent < WINDOW; sent += WINDOW / 8) pass(WINDOW / 8, Infinity)
  expect(credits).toEqual([WINDOW / 2, WINDOW / 2])
})

test('a response whose rest fits into its credit gets no more: its worker is not woken in vain', () => {
  const { credits, pass } = aFlow()
  for (let left = WINDOW * 1.75; left > 0; left -= WINDOW / 4) pass(WINDOW / 4, left - WINDOW / 4)
  expect(credits).toEqual([WINDOW / 2, WINDOW / 2])
})

test('an application that sends much more than its Content-Length is not left waiting for credit', () => {
  const { credits, pass } = aFlow()
  for (let sent = 0; sent < WINDOW * 4; sent += WINDOW) pass(WINDOW, 0)
  expect(credits).toEqual([WINDOW, WINDOW, WINDOW, WINDOW])
})
