// How many requests a worker gets ahead, by how long its application takes, and when it counts as stalled.
import { expect, test } from '@jest/globals'
import { capacity, giveUpOn, isStalled, mustBeWatched, recallExcess } from './prefetch.ts'

/** A worker that has so many requests, 1 to `size`, and last ended one at 1,000 ms. */
function aWorker(threads: number, serviceTime: number, size = 0) {
  const recalled: number[] = []
  const values = (): number[] => Array.from({ length: size }, (_, index) => index + 1)
  const outstanding = { size, values }
  return { threads, serviceTime, outstanding, progressedAt: 1_000, recalled, recall: (id: number) => recalled.push(id) }
}

test.each([
  { threads: 5, serviceTime: 0, ahead: 64 },
  { threads: 5, serviceTime: 20, ahead: 50 },
  { threads: 5, serviceTime: 1_000, ahead: 1 },
  { threads: 5, serviceTime: 1_001, ahead: 5 },
  { threads: 5, serviceTime: 10_000, ahead: 5 },
  { threads: 5, serviceTime: 16_000, ahead: 3 },
  { threads: 5, serviceTime: 20_001, ahead: 0 },
  { threads: 1, serviceTime: 9_000, ahead: 1 },
  { threads: 1, serviceTime: 11_000, ahead: 0 },
])('$threads threads of an application that takes $serviceTime µs get $ahead ahead', ({ ahead, ...worker }) => {
  expect(capacity(aWorker(worker.threads, worker.serviceTime)) - worker.threads).toBe(ahead)
})

test.each([
  { worker: 'a fast worker with requests ahead', threads: 2, serviceTime: 100, size: 3, after: 5 },
  { worker: 'a slow worker with as many ahead as it may have', threads: 2, serviceTime: 10_000, size: 4, after: 20 },
  { worker: 'a worker that became slow with many ahead', threads: 2, serviceTime: 10_000, size: 5, after: 5 },
  { worker: 'a worker that became far too slow', threads: 2, serviceTime: 90_000, size: 3, after: 5 },
])('$worker is stalled when it has ended nothing for $after ms', ({ threads, serviceTime, size, after }) => {
  const worker = aWorker(threads, serviceTime, size)
  expect([isStalled(worker, 1_000 + after - 0.1), isStalled(worker, 1_000 + after)]).toEqual([false, true])
})

test('a worker without requests ahead is never stalled, however long they take', () => {
  expect(isStalled(aWorker(2, 10_000, 2), 99_000)).toBe(false)
})

test('only fast workers, and those with more ahead than their pace allows, are watched all the time', () => {
  const watched = (threads: number, serviceTime: number, size: number) =>
    mustBeWatched(aWorker(threads, serviceTime, size))
  expect([watched(2, 100, 2), watched(2, 100, 3), watched(2, 10_000, 4), watched(2, 10_000, 5)]).toEqual([
    false,
    true,
    false,
    true,
  ])
})

test('what is beyond the threads is taken back, and after a stall none is given ahead', () => {
  const worker = aWorker(2, 10_000, 4)
  recallExcess(worker)
  expect([worker.recalled, capacity(worker)]).toEqual([[3, 4], 4])
  giveUpOn(worker)
  expect([worker.recalled, capacity(worker)]).toEqual([[3, 4, 3, 4], 2])
})
