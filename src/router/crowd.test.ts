// What is a member of a crowd, and what is none any more.
import { expect, test } from '@jest/globals'
import { Crowd } from './crowd.ts'

test('of members that come and go those are there that have not gone, each once', () => {
  const crowd = new Crowd<{ place: number; name: string }>()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => ({ place: -1, name })) as [M, M, M, M]
  const names = (): string =>
    [...crowd]
      .map(({ name }) => name)
      .sort()
      .join('')
  for (const each of [a, b, c]) crowd.add(each)
  crowd.delete(a)
  expect([names(), crowd.size]).toEqual(['bc', 2])
  crowd.add(d)
  crowd.delete(c)
  expect([names(), crowd.size]).toEqual(['bd', 2])
  crowd.delete(d)
  crowd.add(a)
  crowd.delete(b)
  crowd.delete(a)
  expect([names(), crowd.size]).toEqual(['', 0])
})

type M = { place: number; name: string }
