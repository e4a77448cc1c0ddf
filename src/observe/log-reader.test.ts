import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { followLog } from './follow-log.ts'
import { startOfLastLines } from './log-reader.ts'
import { putAside } from './old-logs.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-log-reader-'))
const path = join(directory, 'shop.log')
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(() => rmSync(path, { force: true }))

async function lastLines(text: string, lines: number): Promise<string> {
  writeFileSync(path, text)
  await using file = await open(path)
  return Buffer.from(text)
    .subarray(await startOfLastLines(file, lines))
    .toString()
}

// Longer than the blocks in which it is read.
const long = Array.from({ length: 20_000 }, (_, number) => `line ${number}\n`)

test.each([
  ['no line', '', 3, ''],
  ['fewer than wanted', 'a\nb\n', 3, 'a\nb\n'],
  ['one of several', 'a\nb\nc\n', 1, 'c\n'],
  ['empty lines count', 'a\n\n\n', 2, '\n\n'],
  ['a last one that is not finished', 'a\nb\nc', 2, 'b\nc'],
  ['many of very many', long.join(''), 15_000, long.slice(5000).join('')],
])('the last lines: %s', async (_, text, lines, expected) => {
  expect(await lastLines(text, lines)).toBe(expected)
})

/** Follows the log, from its end unless told otherwise; `take` resolves to the next lines. */
function following(start: (file: FileHandle) => Promise<number> = async (file) => (await file.stat()).size) {
  const lines = followLog(path, start)
  const take = async (count: number): Promise<readonly string[]> => {
    const taken: string[] = []
    while (taken.length < count) taken.push((await lines.next()).value)
    return taken
  }
  return { take, [Symbol.asyncDispose]: () => lines.return(undefined as never).then(() => undefined) }
}

test('following goes over to the new file when the log is rotated, and misses nothing that still comes to the old one', async () => {
  writeFileSync(path, 'before\n')
  await using log = following()
  const first = log.take(1)
  // Written again and again: nothing tells when the following has begun.
  const writing = setInterval(() => appendFileSync(path, 'begun\n'), 5)
  expect(await first.finally(() => clearInterval(writing))).toEqual(['begun'])
  renameSync(path, `${path}.1`)
  appendFileSync(`${path}.1`, 'late 1\n')
  appendFileSync(path, 'new 1\n')
  appendFileSync(`${path}.1`, 'late 2\n')
  const seen: string[] = []
  while (!['late 1', 'late 2', 'new 1'].every((line) => seen.includes(line))) seen.push(...(await log.take(1)))
  expect(seen.filter((line) => line !== 'begun').sort()).toEqual(['late 1', 'late 2', 'new 1'])
  appendFileSync(path, 'new 2\n')
  expect(await log.take(1)).toEqual(['new 2'])
})

test('a log that does not exist yet is waited for, and one that is cut is read anew', async () => {
  // Whether it is there already when the following opens it is chance.
  await using log = following(() => Promise.resolve(0))
  const first = log.take(2)
  writeFileSync(path, 'a long first line\n')
  appendFileSync(path, 'second\n')
  expect(await first).toEqual(['a long first line', 'second'])
  truncateSync(path)
  const third = log.take(1)
  appendFileSync(path, 'third\n')
  expect(await third).toEqual(['third'])
})

test('following misses no line of a log that was rotated several times at once', async () => {
  writeFileSync(path, 'before\n')
  await using log = following()
  const first = log.take(1)
  const writing = setInterval(() => appendFileSync(path, 'begun\n'), 5)
  expect(await first.finally(() => clearInterval(writing))).toEqual(['begun'])
  const numbers = Array.from({ length: 6 }, (_, number) => `line ${number}`)
  for (const line of numbers) {
    putAside(path, 10)
    writeFileSync(path, `${line}\n`)
  }
  const seen: string[] = []
  while (!seen.includes('line 5')) seen.push(...(await log.take(1)))
  expect(seen.filter((line) => line !== 'begun')).toEqual(numbers)
})
