import { expect, test } from '@jest/globals'
import { instant } from '../units.ts'
import { noBackoff, setBack } from './backoff.ts'

const failure = (at: number, more: Partial<Parameters<typeof setBack>[1]> = {}) => ({
  ...{ at: instant(at), free: 0, healthySince: null, random: 0 },
  ...more,
})

/** The delays of failures that come as soon as each retry is due. */
function delays(count: number, more: Partial<Parameters<typeof setBack>[1]>): number[] {
  let backoff = noBackoff
  return Array.from({ length: count }, () => {
    const at = backoff.retryAt
    backoff = setBack(backoff, failure(at, more))
    return backoff.retryAt - at
  })
}

test('delays double from 1 s and end at 60 s', () => {
  expect(delays(9, {})).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1000))
})

test('the first crash is free, the second is not', () => {
  expect(delays(4, { free: 1 })).toEqual([0, 1000, 2000, 4000])
})

test('jitter shortens a delay by up to half', () => {
  expect(delays(1, { random: 0.999 })[0]).toBeCloseTo(500, -1)
})

test('failures during the wait belong to the same setback', () => {
  const once = setBack(noBackoff, failure(100))
  expect(setBack(once, failure(200))).toBe(once)
})

test('after a healthy minute the next failure counts as the first', () => {
  const worn = { setbacks: 7, retryAt: instant(0) }
  expect(setBack(worn, failure(70_000, { healthySince: instant(20_000) })).setbacks).toBe(8)
  expect(setBack(worn, failure(80_000, { healthySince: instant(20_000) })).setbacks).toBe(1)
})
