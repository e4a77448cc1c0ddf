import { expect, test } from '@jest/globals'
import { instant } from '../units.ts'
import { graceFor } from './clock.ts'

test('a loop that wakes more than a second late gives that time to all deadlines, a busy one gives none', () => {
  expect(graceFor(instant(5000), instant(15_000))).toBe(10_000)
  expect(graceFor(instant(5000), instant(6000))).toBe(0)
})
