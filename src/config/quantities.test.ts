import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseDuration, parseSize } from './quantities.ts'

test.each([
  [30, 30_000],
  [0.5, 500],
  [0, 0],
  ['30', 30_000],
  ['500ms', 500],
  ['5s', 5000],
  ['1.5s', 1500],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['24d', 24 * 86_400_000],
])('the duration %p is %d ms', (written, expected) => {
  expect(parseDuration(written)).toBe(expected)
})

test.each([-1, NaN, Infinity, '', ' 5s', '5 s', '5S', '5 minutes', '-5s', '1e3', '0x10', '25d', 2 ** 31, 's'])(
  '%p is not a duration',
  (written) => {
    expect(parseDuration(written)).toBeUndefined()
  },
)

test.each([
  [0, 0],
  [65_536, 65_536],
  ['65536', 65_536],
  ['64KiB', 65_536],
  ['10MiB', 10_485_760],
  ['1GiB', 1_073_741_824],
])('the size %p is %d bytes', (written, expected) => {
  expect(parseSize(written)).toBe(expected)
})

test.each([-1, 1.5, NaN, '', '10MB', '10 MiB', '10mib', '1.5GiB', '-1', '9999999999GiB', 'KiB'])(
  '%p is not a size',
  (written) => {
    expect(parseSize(written)).toBeUndefined()
  },
)

test('a number of seconds means the same as text with "s" behind it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2_000_000 }), (seconds) => {
      expect(parseDuration(seconds)).toBe(parseDuration(`${seconds}s`))
    }),
  )
})
