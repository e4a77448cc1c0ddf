import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { codeOf, errnoOf } from './errno.ts'

function caught(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

test('a failed system call says its code', () => {
  const error = caught(() => readFileSync('/nowhere/at/all'))
  expect([codeOf(error), errnoOf(error)]).toEqual(['ENOENT', 'ENOENT'])
})

test.each([[new Error('no code')], ['text'], [null], [{ code: 2 }]])('%p has no code, and is thrown on', (error) => {
  expect(codeOf(error)).toBeUndefined()
  expect(caught(() => errnoOf(error))).toBe(error)
})
