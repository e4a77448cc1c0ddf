import { expect, test } from '@jest/globals'
import { tablesOf } from '../config/reference.ts'
import { groupSchema } from '../config/group-schema.ts'
import { serverSchema } from '../config/server-schema.ts'
import { configurationManual } from './configuration-manual.ts'

const page = configurationManual('1.2.3')

test('every option of wsgid.yaml, of groups and of what is in them stands in the manual page', () => {
  const tables = [...tablesOf('', serverSchema.shape, ['defaults']), ...tablesOf('', groupSchema.shape, [])]
  const names = tables.flatMap(({ table }) => Object.keys(table))
  expect(names.length).toBeGreaterThan(80)
  expect(names.filter((name) => !page.includes(`.TP\n\\fB${name.replaceAll('-', '\\-')}\\fR\n`))).toEqual([])
})

test('an option is told with what it takes, its default and an example', () => {
  const [, processes] = /\\fBprocesses\\fR\n([^]*?)\.TP/.exec(page) ?? []
  expect(processes).toMatch(
    /Number of .*\. Must be a whole number .*\. Default: .* 1\.\n\.br\nExample: \\fBprocesses: \d+\\fR\n/,
  )
})

test('options that take the same kind of value have their own texts', () => {
  const texts = [...page.matchAll(/^\.TP\n(.*\n.*)\n/gm)].map(([, text]) => text)
  expect(texts.filter((text) => text?.includes('PEM file of its private key'))).toHaveLength(1)
})
