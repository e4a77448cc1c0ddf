import { expect, test } from '@jest/globals'
import type { StartReport } from '../supervisor/main.ts'
import { StartProgress } from './start-report.ts'

const listen = ['http://127.0.0.1:8080']
const report: StartReport = {
  failure: null,
  listen,
  groups: [
    { name: 'shop', processes: 2, error: null },
    { name: 'wiki', processes: 0, error: null },
    { name: 'blog', processes: 1, error: 'Traceback\nError: \u001b[2J' },
  ],
}

/** What `start` prints while shop comes up, and what it adds at the end. */
function printed(isTTY: boolean, end: StartReport) {
  const texts = { out: '', err: '' }
  const out = { isTTY, columns: 80, write: (text: string) => (texts.out += text) }
  const progress = new StartProgress(out, { write: (text: string) => (texts.err += text) })
  progress.tell({ listen, name: 'shop', processes: 2, groups: 3 })
  const meanwhile = texts.out
  return { meanwhile, finish: () => progress.finish(end), texts }
}

test('each group is a line as soon as it is up, and none is told twice', () => {
  const { meanwhile, finish, texts } = printed(false, report)
  expect(meanwhile).toBe('listening on http://127.0.0.1:8080\nshop: 2 workers ready\n')
  expect(finish()).toBe(false)
  expect(texts.out).toBe(`${meanwhile}wiki: starts on demand\n`)
  expect(texts.err).toMatch(/^wsgid: start: group blog did not start: .*\n {4}Traceback\n {4}Error: \\x1b\[2J\n$/)
})

test('nothing is told before somebody listens, since whoever reads the address connects', () => {
  let out = ''
  const progress = new StartProgress({ write: (text) => (out += text) }, { write: () => undefined })
  progress.tell({ listen: [], name: 'shop', processes: 2, groups: 3 })
  expect(out).toBe('')
  progress.finish({ ...report, groups: report.groups.slice(0, 2) })
  expect(out).toBe('listening on http://127.0.0.1:8080\nshop: 2 workers ready\nwiki: starts on demand\n')
})

test('on a terminal a line below counts the groups, and is gone in the end', () => {
  const { meanwhile, finish, texts } = printed(true, { ...report, groups: report.groups.slice(0, 2) })
  expect(meanwhile).toMatch(/shop: 2 workers ready\n[^]*1 of 3 groups are up$/)
  expect(finish()).toBe(true)
  expect(texts.out.split('1 of 3 groups are up')[1]).toMatch(/^\r\u001b\[K/)
})

test('a server that cannot start says why', () => {
  const { finish } = printed(false, { failure: 'no address', listen: [], groups: [] })
  expect(finish).toThrow('start: no address')
})
