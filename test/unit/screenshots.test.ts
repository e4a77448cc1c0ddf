// docs/operations.md shows terminals as `npm run screenshots` found them.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'

const text = readFileSync(resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8')
const marks = [...text.matchAll(/<!-- screenshot: (\S+) -->\n(.*?)<!-- end -->/gs)]
const wanted = ['status', 'status-group', 'top', 'restart', 'restart-piped', 'broken-deploy', 'configuration-error']

test('every screenshot has its place', () => {
  expect(marks.map(([, name]) => name).sort()).toEqual(wanted.sort())
})

for (const [, name = '', block = ''] of marks) {
  test(`the screenshot ${name} shows a command and what it prints, on 80 columns`, () => {
    const lines = /^\n```text\n\$ wsgid .*\n([^]+)\n```\n\n$/.exec(block)?.[1]?.split('\n') ?? []
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  })
}
