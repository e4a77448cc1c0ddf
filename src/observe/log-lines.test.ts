import { expect, test } from '@jest/globals'
import { isChosen, LastLines } from './log-lines.ts'
import { renderLine } from './log-line.ts'

const noon = new Date('2026-01-31T12:00:00.000Z')
const line = (text: string, request?: string) =>
  renderLine(noon, 'stderr', { group: 'shop', pid: 8, ...(request === undefined ? {} : { request }) }, text).trimEnd()

test.each([
  ['the same moment', noon.getTime(), true],
  ['a moment later', noon.getTime() + 1, false],
  ['any time', null, true],
])('since %s', (_, since, chosen) => {
  expect(isChosen(line('hello'), { since, request: null }, false)).toBe(chosen)
})

test.each([
  [line('hello', 'k3f9'), true],
  [line('hello', 'k3f99'), false],
  [line('hello'), false],
  // Whatever a tenant prints, only wsgid's own field counts.
  [line('a request=k3f9 of mine'), false],
])('by request: %s', (text, chosen) => {
  expect(isChosen(text, { since: null, request: 'k3f9' }, false)).toBe(chosen)
})

test('a line without a time goes with the one before it', () => {
  const choice = { since: noon.getTime() + 1, request: null }
  expect(isChosen('  at main.js:1', choice, true)).toBe(true)
  expect(isChosen('  at main.js:1', choice, false)).toBe(false)
})

test.each([0, 1, 3, 50])('the last %i lines of fifty', (count) => {
  const all = Array.from({ length: 50 }, (_, number) => String(number))
  const last = new LastLines(count)
  for (const each of all) last.add(each)
  expect(last.lines).toEqual(all.slice(50 - count))
})
