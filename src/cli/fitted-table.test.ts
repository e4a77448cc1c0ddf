import fc from 'fast-check'
import { expect, test } from '@jest/globals'
import { fitTable, type Column } from './fitted-table.ts'

const columns: readonly Column[] = [
  { header: 'NAME', least: 4 },
  { header: 'USER', rank: 2 },
  { header: 'N', align: 'right' },
  { header: 'WHY', least: 3, rank: 1 },
]
const rows = [
  ['a-long-name', 'root', '1', 'because'],
  ['b', 'me', '1234', '-'],
]
const fit = (width: number) => fitTable(columns, rows, { width, colour: false })

for (const [width, lines] of [
  [32, ['NAME         USER     N  WHY', 'a-long-name  root     1  because', 'b            me    1234  -']],
  [26, ['NAME            N  WHY', 'a-long-name     1  because', 'b            1234  -']],
  [17, ['NAME            N', 'a-long-name     1', 'b            1234']],
  [16, ['NAME           N', 'a-long-name    1', 'b           1234']],
  [12, ['NAME       N', 'a-long…    1', 'b       1234']],
  [8, ['NAME   N', 'a-l…   1', 'b    12…']],
] as const) {
  test(`in ${width} columns the table has: ${lines[0]}`, () => {
    expect(fit(width)).toEqual(lines)
  })
}

test('no line is ever wider than the terminal', () => {
  const row = fc.tuple(fc.string(), fc.string(), fc.string(), fc.string())
  fc.assert(
    fc.property(fc.array(row), fc.nat(60), (some, width) => {
      for (const line of fitTable(columns, some, { width, colour: false }))
        expect(line.length).toBeLessThanOrEqual(width)
    }),
  )
})

test('colours do not move anything', () => {
  const coloured = fitTable(columns, [['a', { text: 'root', style: 'red' }, '1', '-']], { width: 80, colour: true })
  const plain = fitTable(columns, [['a', 'root', '1', '-']], { width: 80, colour: true })
  expect(coloured[1]).toBe(plain[1]?.replace('root', '\u001b[31mroot\u001b[0m'))
})
