import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { LineSplitter, longestLine } from './line-splitter.ts'

function split(chunks: readonly Buffer[]): string[] {
  const splitter = new LineSplitter()
  const lines = chunks.flatMap((chunk) => splitter.push(chunk))
  const rest = splitter.end()
  return rest === null ? lines : [...lines, rest]
}

test('however text is cut into chunks, the lines are the same', () => {
  const text = fc
    .array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 20 })
    .map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(text, fc.array(fc.nat(400)), (whole, places) => {
      const bytes = Buffer.from(whole)
      const cuts = [0, ...places.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length]
      const chunks = cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end))
      expect(split(chunks)).toEqual(split([bytes]))
    }),
  )
})

test('a line without end is cut into lines of at most 8 KiB, at whole characters, and nothing is lost', () => {
  const text = 'é'.repeat(30_000)
  const lines = split([Buffer.from(`x${text}`)])
  expect(lines.join('')).toBe(`x${text}`)
  expect(Math.max(...lines.map((line) => Buffer.byteLength(line)))).toBeLessThanOrEqual(longestLine)
})

test('CR LF ends a line, and bytes that are no UTF-8 do not stop the log', () => {
  expect(split([Buffer.from([0x61, 0x0d, 0x0a, 0xff, 0x62])])).toEqual(['a', '\ufffdb'])
})
