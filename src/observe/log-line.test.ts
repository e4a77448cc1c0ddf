import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { renderLine } from './log-line.ts'

const at = new Date('2026-11-21T07:44:00.123Z')

test('a line has time, level, who speaks and the text', () => {
  expect(renderLine(at, 'stderr', { request: 'k3f9', pid: 812, group: 'site-1' }, 'hello')).toBe(
    '2026-11-21T07:44:00.123Z [stderr] group=site-1 pid=812 request=k3f9 hello\n',
  )
})

test.each([
  ['shop', 'group=shop'],
  ['shop~wiki', 'group=shop application-group=wiki'],
  ['shop~_2a_7c_2fwiki', 'group=shop application-group=*|/wiki'],
])('a part of a group, %s, is told in words: %s', (group, fields) => {
  expect(renderLine(at, 'info', { group, worker: 1 }, 'x')).toBe(`${at.toISOString()} [info] ${fields} worker=1 x\n`)
})

for (const [what, text, shown] of [
  ['an escape sequence', '\u001b[2J', '\\x1b[2J'],
  ['the one-byte form of one', '\u009b2J', '\\x9b2J'],
  ['a line feed', 'a\nb', 'a\\x0ab'],
  ['a carriage return', 'a\rb', 'a\\x0db'],
  ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ['a tab, which is harmless', 'a\tb', 'a\tb'],
] as const) {
  test(`${what} is shown, not obeyed`, () => {
    expect(renderLine(at, 'info', {}, text)).toBe(`2026-11-21T07:44:00.123Z [info] ${shown}\n`)
  })
}

test('nor is what a router says in the name of a group or a request', () => {
  const line = renderLine(at, 'info', { group: 'a\nb~_0a', request: 'c\u001b[2J' }, 'x')
  expect(line).toBe(`${at.toISOString()} [info] group=a\\x0ab application-group=\\x0a request=c\\x1b[2J x\n`)
})

test('whatever a tenant prints, it is one line behind our prefix', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = renderLine(at, 'stdout', { group: 'a', pid: 1 }, text)
      expect(line.startsWith('2026-11-21T07:44:00.123Z [stdout] group=a pid=1 ')).toBe(true)
      expect(line.indexOf('\n')).toBe(line.length - 1)
    }),
  )
})
