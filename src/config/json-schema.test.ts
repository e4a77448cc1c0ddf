import { expect, test } from '@jest/globals'
import { groupSchema } from './group-schema.ts'
import { jsonSchemaOf } from './json-schema.ts'
import { serverSchema } from './server-schema.ts'

test.each([
  ['server', serverSchema.shape],
  ['group', groupSchema.shape],
] as const)('the JSON Schema of a %s file has every option with a description, and no other', (kind, options) => {
  const { properties = {}, additionalProperties } = jsonSchemaOf(kind)
  expect(Object.keys(properties).sort()).toEqual(Object.keys(options).sort())
  expect(additionalProperties).toBe(false)
  for (const option of Object.values(properties)) expect(option).toMatchObject({ description: expect.any(String) })
})

test('an option says what it is, what it takes and what holds without it', () => {
  expect(jsonSchemaOf('group').properties?.['threads']).toMatchObject({
    type: 'integer',
    minimum: 1,
    description: expect.stringMatching(/Default: 15\. Example: /),
  })
})

test('a text of a group file may have the variables of for-each', () => {
  const name = jsonSchemaOf('group').properties?.['name']
  const pattern = typeof name === 'object' ? new RegExp(name.pattern ?? '^$', 'u') : /^$/
  expect(['shop', 'trac-${instance}'].every((text) => pattern.test(text))).toBe(true)
  expect(pattern.test('a b')).toBe(false)
})
