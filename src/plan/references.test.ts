import { expect, jest, test } from '@jest/globals'
import { expander } from './references.ts'

test.each([
  ['/srv/${site}/conf', '/srv/one/conf'],
  ['${site}-${page}${none}.', 'one-start.'],
  ['$${site} $${', '${site} ${'],
  ['constant', 'constant'],
  ['', ''],
])('%s becomes %s', (text, expanded) => {
  expect(expander(text)({ site: 'one', page: 'start' })).toBe(expanded)
})

test('a text is taken apart once, however often it is expanded', () => {
  const expand = expander('/srv/${site}')
  const look = jest.spyOn(String.prototype, 'matchAll')
  expect([expand({ site: 'one' }), expand({ site: 'two' })]).toEqual(['/srv/one', '/srv/two'])
  expect(look).not.toHaveBeenCalled()
  look.mockRestore()
})
