import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { Pace, paced } from './paced.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** Work of a tenth of a second that tells how often it was begun. */
function counted({ failure, pace = new Pace() }: { failure?: Error; pace?: Pace } = {}) {
  let begun = 0
  const ask = paced(pace, async () => {
    begun += 1
    const number = begun
    await new Promise((resolve) => setTimeout(resolve, 100))
    if (failure !== undefined) throw failure
    return number
  })
  return { ask, begun: () => begun }
}

test('all who ask while it is worked get the same, by one work', async () => {
  const { ask, begun } = counted()
  const answers = [ask(), ask()]
  await jest.advanceTimersByTimeAsync(100)
  expect(await Promise.all(answers)).toEqual([1, 1])
  expect(begun()).toBe(1)
})

test('whoever asks again and again has it worked a fifth of the time, and gets nothing older than the question', async () => {
  const { ask, begun } = counted()
  const asking = (async () => {
    for (const expected of [1, 2, 3]) expect(await ask()).toBe(expected)
  })()
  await jest.advanceTimersByTimeAsync(100 + 399)
  expect(begun()).toBe(1)
  await jest.advanceTimersByTimeAsync(1 + 100 + 400 + 100)
  await asking
  expect(begun()).toBe(3)
})

test('after the rest nobody waits', async () => {
  const { ask, begun } = counted()
  void ask()
  await jest.advanceTimersByTimeAsync(500)
  void ask()
  await jest.advanceTimersByTimeAsync(0)
  expect(begun()).toBe(2)
  await jest.advanceTimersByTimeAsync(100)
})

test('a failure is told to all who asked, and tried again after a rest', async () => {
  const { ask, begun } = counted({ failure: new Error('no luck') })
  const failures = Promise.allSettled([ask(), ask()])
  await jest.advanceTimersByTimeAsync(100)
  expect((await failures).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const again = ask().catch(() => 'again')
  expect(begun()).toBe(1)
  await jest.advanceTimersByTimeAsync(500)
  expect([await again, begun()]).toEqual(['again', 2])
})

test('two works on one pace take turns, and have a fifth of the time together', async () => {
  const pace = new Pace()
  const [one, other] = [counted({ pace }), counted({ pace })]
  const answers = [one.ask(), other.ask(), other.ask()]
  await jest.advanceTimersByTimeAsync(100 + 399)
  expect([one.begun(), other.begun()]).toEqual([1, 0])
  await jest.advanceTimersByTimeAsync(1)
  const again = one.ask()
  await jest.advanceTimersByTimeAsync(100 + 399)
  expect([one.begun(), other.begun()]).toEqual([1, 1])
  await jest.advanceTimersByTimeAsync(1 + 100)
  expect(await Promise.all([...answers, again])).toEqual([1, 1, 1, 2])
})

test('a work that fails keeps another one on its pace from nothing', async () => {
  const pace = new Pace()
  const [one, other] = [counted({ pace, failure: new Error('no luck') }), counted({ pace })]
  const answers = Promise.allSettled([one.ask(), other.ask()])
  await jest.advanceTimersByTimeAsync(100 + 400 + 100)
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
})
