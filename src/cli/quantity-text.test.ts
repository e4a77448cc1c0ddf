import { expect, test } from '@jest/globals'
import { ageText, latencyText, percentText, rateText, sizeText } from './quantity-text.ts'

for (const [text, shown] of [
  [ageText(-1), '0s'],
  [ageText(119), '119s'],
  [ageText(600), '10m'],
  [ageText(7200), '2h'],
  [ageText(864_000), '10d'],
  [sizeText(null), '-'],
  [sizeText(812 * 1024), '812K'],
  [sizeText(12_345_678), '12M'],
  [sizeText(1.25 * 2 ** 30), '1.3G'],
  [latencyText(0.04), '0.0ms'],
  [latencyText(9.96), '10ms'],
  [latencyText(999.4), '999ms'],
  [latencyText(999.6), '1.0s'],
  [latencyText(75_000), '75s'],
  [rateText(0), '0'],
  [rateText(0.01), '<0.1'],
  [rateText(0.25), '0.3'],
  [rateText(9.96), '10.0'],
  [rateText(99.96), '100'],
  [rateText(4530.2), '4530'],
  [rateText(12_345), '12.3k'],
  [percentText(0.52), '0.5'],
  [percentText(199.97), '200'],
] as const) {
  test(`a quantity reads "${shown}"`, () => expect(text).toBe(shown))
}
