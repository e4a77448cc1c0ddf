// What status tells of processes that end while it looks.
import { expect, test } from '@jest/globals'
import { execa } from 'execa'
import { measureUsage } from './usage.ts'

test('a process that is gone has no usage, and the others have theirs', async () => {
  const ended = execa('true')
  const gone = ended.pid ?? 0
  await ended
  expect(Object.keys(await measureUsage([gone, process.pid]))).toEqual([String(process.pid)])
  expect(await measureUsage([gone])).toEqual({})
})
