import { expect, test } from '@jest/globals'
import { chosenBy, parseBreak } from './debug-options.ts'

test.each([
  [{ share: '10%' }, { share: 0.1 }],
  [{ share: '0.25' }, { share: 0.25 }],
  [{ share: '100%' }, { share: 1 }],
  [{}, { share: 1 }],
  [{ header: 'X-Debug: 1' }, { header: { name: 'x-debug', value: '1' } }],
  [{ header: 'X-Debug' }, { header: { name: 'x-debug', value: null } }],
  [{ header: 'Cookie: a=b; c: d' }, { header: { name: 'cookie', value: 'a=b; c: d' } }],
])('%j chooses %j', (options, choice) => {
  expect(chosenBy(options)).toEqual(choice)
})

test.each([
  [{ share: '0' }, /not a share/],
  [{ share: '101%' }, /not a share/],
  [{ share: '2' }, /not a share/],
  [{ share: 'many' }, /not a share/],
  [{ header: 'a b: c' }, /not a header/],
  [{ share: '1', header: 'X' }, /leave the other one out/],
])('%j is a usage error', (options, message) => {
  expect(() => chosenBy(options)).toThrow(message)
})

test('a breakpoint is a file and a line, the last colon counts', () => {
  const absolute = (path: string) => `/srv/${path}`
  expect(parseBreak('a:b.py:12', absolute)).toEqual(['/srv/a:b.py', 12])
  for (const wrong of ['a.py', 'a.py:0', ':3', 'a.py:x']) expect(() => parseBreak(wrong, absolute)).toThrow(/FILE:LINE/)
})
