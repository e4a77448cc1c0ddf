import { expect, test } from '@jest/globals'
import { aGroupStatus, aStatusDocument } from '../../test/support/a-status.ts'
import { remainderText, showStop } from './stop-progress.ts'

const busy = aStatusDocument([aGroupStatus({ name: 'shop', active: 2 }), aGroupStatus({ name: 'wiki', active: 0 })])

/** What is printed until `asks` questions have been asked. */
async function shownUntil(asks: number, isTTY: boolean, ask = () => Promise.resolve(busy)): Promise<string> {
  let printed = ''
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  let asked = 0
  const out = { isTTY, columns: 80, write: (text: string) => (printed += text) }
  const counting = () => {
    asked += 1
    if (asked > asks) end()
    return ask()
  }
  await showStop(ended, { out, ask: counting, everyMs: 1, plainEveryMs: 1 })
  return printed
}

test('on a terminal one line tells what a stop waits for, and is gone in the end', async () => {
  const line = '\r\u001b[Kstopping: 2 workers are left; 2 requests run in shop'
  expect(await shownUntil(2, true)).toBe(`${line}${line}\r\u001b[K`)
})

test('elsewhere it is plain lines', async () => {
  expect(await shownUntil(1, false)).toBe('stopping: 2 workers are left; 2 requests run in shop\n')
})

test('a supervisor that does not answer meanwhile is waited for without a word', async () => {
  expect(await shownUntil(2, true, () => Promise.reject(new Error('no answer')))).toBe('')
})

test('many busy groups are counted', () => {
  const groups = Array.from({ length: 5 }, (_, index) => aGroupStatus({ name: `g${index}`, workers: [] }))
  expect(remainderText(aStatusDocument(groups))).toBe(
    'stopping: 0 workers are left; 5 requests run in g0, g1, g2 and 2 more groups',
  )
})
