// Numbers of requests on a worker's connection.
import { expect, test } from '@jest/globals'
import { Outstanding } from './outstanding.ts'

type Numbered = { id: number; name: string }

/** A connection on which ids begin with `first`, and what gives a request its id as exchanges do. */
function connection(first = 1) {
  const outstanding = new Outstanding<Numbered>(first)
  const add = (name: string): Numbered => {
    const request = { id: 0, name }
    request.id = outstanding.add(request)
    return request
  }
  return { outstanding, add }
}

const namesOf = (outstanding: Outstanding<Numbered>): string[] => outstanding.values().map(({ name }) => name)

test('a request is found by its number until it has ended, and never by the number of one that has ended', () => {
  const { outstanding, add } = connection()
  const stuck = add('stuck')
  const seen = new Set([stuck.id])
  for (let count = 0; count < 1_000; count += 1) {
    const request = add(String(count))
    seen.add(request.id)
    expect(outstanding.get(request.id)).toBe(request)
    outstanding.delete(request.id)
    outstanding.delete(request.id)
    expect(outstanding.get(request.id)).toBeUndefined()
    expect(outstanding.size).toBe(1)
  }
  expect(seen.size).toBe(1_001)
  expect(outstanding.get(stuck.id)).toBe(stuck)
})

test('however many there are, each has a number of its own, and they are told in the order in which they came', () => {
  const { outstanding, add } = connection()
  const names = Array.from({ length: 500 }, (_, index) => String(index))
  const requests = names.map(add)
  expect(new Set(requests.map(({ id }) => id)).size).toBe(500)
  expect(namesOf(outstanding)).toEqual(names)
  for (const { id } of requests.slice(0, 499)) outstanding.delete(id)
  expect(namesOf(outstanding)).toEqual(['499'])
  outstanding.clear()
  expect([outstanding.size, outstanding.values()]).toEqual([0, []])
})

test('after the last u32 the numbers begin anew with 1, in order, past those that are still taken', () => {
  const { outstanding, add } = connection(0xffff_fffe)
  const before = [add('a'), add('b')]
  const after = [add('c'), add('d')]
  expect([...before, ...after].map(({ id }) => id)).toEqual([0xffff_fffe, 0xffff_ffff, 1, 2])
  expect(namesOf(outstanding)).toEqual(['a', 'b', 'c', 'd'])
})
