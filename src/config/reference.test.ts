import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parseExample } from '../../test/support/parse-example.ts'
import { groupSchema } from './group-schema.ts'
import { notesOf, type OptionTable } from './option.ts'
import { parseGroupFile, parseServerFile } from './parse.ts'
import { renderReference } from './reference.ts'
import { serverSchema } from './server-schema.ts'

const documentation = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

test('docs/configuration.md is what the schemas say; npm run docs writes it anew', () => {
  expect(documentation === renderReference()).toBe(true)
})

const blocks = [...documentation.matchAll(/```yaml\n# (\S+)\n(.*?)```/gs)].map(([, name = '', text = '']) => ({
  name,
  text,
}))

test.each(blocks)('the example $name in docs/configuration.md loads', ({ name, text }) => {
  const source = { name, path: `/etc/wsgid/${name}`, text }
  expect(parseExample(source)).toMatchObject({ ok: true })
})

test('docs/configuration.md has an example of both kinds of files', () => {
  expect(blocks.map(({ name }) => name)).toEqual(['wsgid.yaml', 'groups.d/site-1.yaml', 'groups.d/sites.yaml'])
})

function examplesOf(table: OptionTable): readonly (readonly [string, string])[] {
  return Object.keys(table).map((name) => [name, `${name}: ${notesOf(table, name)?.example ?? ''}\n`])
}

test.each(examplesOf(serverSchema.shape))('the example of %s in wsgid.yaml loads', (_name, text) => {
  expect(parseServerFile({ name: 'wsgid.yaml', path: '/etc/wsgid/wsgid.yaml', text })).toMatchObject({ ok: true })
})

test.each(examplesOf(groupSchema.shape))('the example of %s in a group file loads', (name, text) => {
  const applications = name === 'applications' ? '' : 'applications: [{ script: app.wsgi }]\n'
  const forEach = name === 'for-each-require' ? 'for-each: /srv/*\n' : ''
  const source = { name: 'a.yaml', path: '/etc/wsgid/groups.d/a.yaml', text: text + forEach + applications }
  expect(parseGroupFile(source)).toMatchObject({ ok: true })
})

const applicationOptions = notesOf(groupSchema.shape, 'applications')?.inside ?? {}

test.each(examplesOf(applicationOptions))('the example of %s in an application loads', (name, text) => {
  const entry = ['script', 'module'].includes(name) ? '' : '    script: app.wsgi\n'
  const source = { name: 'a.yaml', path: '/etc/wsgid/groups.d/a.yaml', text: `applications:\n  - ${text}${entry}` }
  expect(parseGroupFile(source)).toMatchObject({ ok: true })
})
