// How counts of instructions are read and judged; the counts themselves are made by scripts/count-instructions.
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { resolve } from 'node:path'
import { perRequest, totalOf, underCallgrind } from '../../scripts/instructions/callgrind.ts'
import { workerKinds } from '../../scripts/instructions/worker.ts'
import { compare, isWorse, renderLines } from '../../scripts/instructions/record.ts'

const versions = { architecture: 'x64', node: 'v20.20.2', python: '3.11.2' }
const record = { versions, instructions: { 'worker get': 100_000, 'router get': 200_000 } }
const counted = (worker: number) => ({ versions, instructions: { 'worker get': worker, 'worker post': 5 } })

test('a file of callgrind without totals, of a process that was killed, is not taken for zero', () => {
  expect(totalOf('events: Ir\nsummary: 12\ntotals: 34\n')).toBe(34)
  expect(() => totalOf('events: Ir\n')).toThrow('without totals')
})

test('what a request costs does not contain the start and the end of the process', () => {
  expect(perRequest({ requests: 100, instructions: 1_000_000 }, { requests: 300, instructions: 1_400_000 })).toBe(2_000)
})

test('the counts of a process go to the file that is read', () => {
  expect(underCallgrind('/tmp/x', ['node', 'a.js'])).toContain('--callgrind-out-file=/tmp/x')
})

test('a count is a regression when it is more than a twentieth above the record, not when it is below', () => {
  const worse = (worker: number): boolean[] => compare(counted(worker), record).map(isWorse)
  expect(worse(104_000)).toEqual([false, false])
  expect(worse(106_000)).toEqual([true, false])
  expect(worse(50_000)).toEqual([false, false])
})

test('a record of another Python or node is not compared with', () => {
  const other = { ...record, versions: { ...versions, node: 'v22.0.0' } }
  expect(compare(counted(900_000), other).some(isWorse)).toBe(false)
})

test('lines tell the change, and what has no record', () => {
  expect(
    renderLines(compare(counted(98_000), record))
      .split('\n')
      .slice(2),
  ).toEqual(['| worker get | 98,000 | 100,000 | -2.0 % |', '| worker post | 5 | – | – |'])
})

test.each(workerKinds)('worker.py still drives the worker as it is: %s', async (kind) => {
  const [program, library] = ['scripts/instructions/worker.py', 'src/worker'].map((path) =>
    resolve(import.meta.dirname, '../..', path),
  )
  const { exitCode, all } = await execa(
    '/usr/bin/python3',
    ['-I', '-B', String(program), String(library), kind, '64'],
    {
      ...{ all: true, reject: false, timeout: 30_000 },
    },
  )
  expect({ exitCode, all }).toEqual({ exitCode: 0, all: '' })
})
