import { expect, test } from '@jest/globals'
import { instant } from '../units.ts'
import { graceFor } from './clock.ts'

test('a loop that wakes more than a second late gives all deadlines the time since it last ran, a busy one gives none', () => {
  expect(graceFor(instant(2000), instant(5000), instant(15_000))).toBe(13_000)
  expect(graceFor(instant(2000), instant(5000), instant(6000))).toBe(0)
})
