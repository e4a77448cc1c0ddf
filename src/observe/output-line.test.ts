import { expect, test } from '@jest/globals'
import { readOutputLine } from './output-line.ts'

test('a marked line says which process wrote it, and for which request', () => {
  expect(readOutputLine('\u001e812 k3f9\u001fhello')).toEqual({ pid: 812, request: 'k3f9', text: 'hello' })
  expect(readOutputLine('\u001e812 \u001fhello')).toEqual({ pid: 812, text: 'hello' })
})

for (const line of [
  'hello',
  '\u001ehello',
  '\u001e812\u001fhello',
  '\u001e812 a b\u001fhello',
  '\u001e99999999999 a\u001fhello',
]) {
  test(`${JSON.stringify(line)} has no mark and is text as it is`, () => {
    expect(readOutputLine(line)).toEqual({ text: line })
  })
}
