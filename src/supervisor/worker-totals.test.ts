import { expect, test } from '@jest/globals'
import { WorkerTotals } from './worker-totals.ts'

const worker = { group: 'a', worker: 7 }
const report = (...ended: number[]) => ({ ...worker, requests: 0, active: 0, ended })

test('what routers count of a worker adds up by class of status', () => {
  const totals = new WorkerTotals()
  totals.heard(1, [report(0, 0, 5, 0, 0, 1)])
  totals.heard(2, [report(0, 0, 2, 0, 0, 0)])
  totals.heard(1, [report(0, 0, 6, 0, 0, 1)])
  expect(totals.of(worker)).toEqual([0, 0, 8, 0, 0, 1])
  expect(totals.of({ group: 'a', worker: 8 })).toEqual([0, 0, 0, 0, 0, 0])
})

test('it does not fall when routers end, nor when one has let go of the worker', () => {
  const totals = new WorkerTotals()
  totals.heard(1, [report(0, 0, 5, 0, 0, 0)])
  totals.ended(1)
  totals.heard(2, [report(0, 0, 1, 0, 0, 0)])
  totals.ended(2)
  totals.heard(3, [report(0, 0, 2, 0, 0, 0)])
  totals.heard(3, [])
  expect(totals.of(worker)).toEqual([0, 0, 8, 0, 0, 0])
})

test('workers that are gone are forgotten', () => {
  const totals = new WorkerTotals()
  totals.heard(1, [report(0, 0, 5, 0, 0, 0)])
  totals.keep([worker])
  expect(totals.of(worker)[2]).toBe(5)
  totals.keep([])
  expect(totals.of(worker)[2]).toBe(0)
})
