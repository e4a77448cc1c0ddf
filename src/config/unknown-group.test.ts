import { expect, test } from '@jest/globals'
import { unknownGroup } from './unknown-group.ts'

const many = Array.from({ length: 12 }, (_, index) => `tenant-${index}`)

test.each([
  ['sop', ['wiki', 'shop'], 'unknown group "sop": did you mean "shop"?'],
  ['nothing-like-it', ['wiki', 'shop'], 'unknown group "nothing-like-it": there are wiki, shop'],
  ['shop', [], 'unknown group "shop": there are no groups'],
  ['shop', many, `unknown group "shop": there are ${many.slice(0, 10).join(', ')}, …`],
])('of %s among %j is said: %s', (name, known, text) => {
  expect(unknownGroup(name, known)).toBe(text)
})
