import { afterEach, expect, jest, test } from '@jest/globals'
import { ActiveGroups, type ActiveGroup } from './active-groups.ts'

/** A group that notes when it is looked at. */
class Noting implements ActiveGroup {
  active = 1
  isWatched = false
  hasPrefetched = false
  readonly looks: string[] = []
  readonly statistics = { isSettled: false, mark: (now: number) => void this.looks.push(`mark ${now}`) }

  expire(now: number): void {
    this.looks.push(`expire ${now}`)
  }

  endSilent(now: number): void {
    this.looks.push(`endSilent ${now}`)
  }

  recallFromStalled(): void {
    this.looks.push('recall')
  }
}

afterEach(() => void jest.useRealTimers())

test('a group that has requests is looked at until it has none, and again when it has got another one', () => {
  const groups = new ActiveGroups()
  const group = new Noting()
  groups.add(group)
  expect(group.isWatched).toBe(true)
  groups.expire(100)
  groups.endSilent(150)
  expect(group.looks.splice(0)).toEqual(['expire 100', 'endSilent 150'])
  group.active = 0
  groups.expire(200)
  expect(group.isWatched).toBe(false)
  group.active = 1
  groups.expire(300)
  groups.endSilent(350)
  expect(group.looks).toEqual([])
  groups.add(group)
  groups.expire(400)
  expect(group.looks).toEqual(['expire 400'])
})

test('groups without requests are not touched, however many there are', () => {
  const groups = new ActiveGroups()
  const idle = Array.from({ length: 1000 }, () => new Noting())
  for (const group of idle) groups.add(group)
  for (const group of idle) group.active = 0
  const busy = new Noting()
  groups.add(busy)
  groups.expire(100)
  for (const group of idle) Object.defineProperty(group, 'active', { get: () => expect('a look at it').toBe('none') })
  groups.expire(200)
  groups.endSilent(200)
  expect(idle.flatMap(({ looks }) => looks)).toEqual([])
  expect(busy.looks).toEqual(['expire 100', 'expire 200', 'endSilent 200'])
})

test('the statistics of a group move on until nothing of it is left in them, and again when it has got another request', () => {
  const groups = new ActiveGroups()
  const group = new Noting()
  groups.add(group)
  groups.mark(5)
  group.statistics.isSettled = true
  groups.mark(10)
  // Its request still runs, and will count.
  groups.mark(15)
  group.active = 0
  groups.mark(20)
  groups.mark(25)
  expect(group.looks.splice(0)).toEqual(['mark 5', 'mark 10', 'mark 15', 'mark 20'])
  groups.add(group)
  groups.mark(30)
  expect(group.looks).toEqual(['mark 30'])
})

test('stuck workers are looked for only while one has requests ahead, and only in groups that have', () => {
  jest.useFakeTimers()
  const groups = new ActiveGroups()
  const [ahead, other] = [new Noting(), new Noting()]
  for (const group of [ahead, other]) groups.add(group)
  expect(jest.getTimerCount()).toBe(0)
  ahead.hasPrefetched = true
  groups.prefetched()
  groups.prefetched()
  expect(jest.getTimerCount()).toBe(1)
  jest.advanceTimersByTime(10)
  expect([ahead.looks, other.looks]).toEqual([['recall', 'recall'], []])
  ahead.hasPrefetched = false
  jest.advanceTimersByTime(5)
  expect(jest.getTimerCount()).toBe(0)
})
