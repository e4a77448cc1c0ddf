import fc from 'fast-check'
import { expect, test } from '@jest/globals'
import { aGroupStatus, aStatusDocument } from '../../../test/support/a-status.ts'
import { startOfTop, stepTop, type TopEvent, type TopModel } from './model.ts'
import { topLines } from './view.ts'

const many = Array.from({ length: 40 }, (_, index) => aGroupStatus({ name: `group-${String(index).padStart(2, '0')}` }))
const key = (name: string, text = name): TopEvent => ({ type: 'key', key: { name, ctrl: false, text } })

function model(size: TopModel['size'], groups = many, events: readonly TopEvent[] = []): TopModel {
  const answered: TopEvent = { type: 'answered', document: aStatusDocument(groups), at: 0 }
  return [answered, ...events].reduce((current, event) => stepTop(current, event)[0], startOfTop(size, 0))
}
const small = { columns: 80, rows: 24 }

test('at 80×24 there is the server, the list with its order, the groups and the keys', () => {
  const lines = topLines(model(small), false)
  expect(lines).toHaveLength(24)
  expect(lines[0]).toBe('wsgid 0.1.0, pid 1, running, up 13s; 1/1 router, 3 connections')
  expect(lines[1]).toBe('1-18 of 40 groups, by CPU')
  expect(lines[3]?.trim().split(/ +/)).toEqual('GROUP STATE CPU% MEM REQ/S P50 P99 QUEUE BUSY READY'.split(' '))
  expect(lines[4]).toMatch(/^> {2}group-00 +running +0\.5 +12M +12\.5 +1\.2ms +40ms +0 +1\/50 +1\/2$/)
  expect(lines[23]).toMatch(/^c CPU .* q quit$/)
})

test('every picture has as many lines as the terminal has rows, and none is wider', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (columns, rows) => {
      const lines = topLines(model({ columns, rows }), false)
      expect(lines.length).toBeLessThanOrEqual(rows)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    }),
  )
})

test('the chosen group is always in sight', () => {
  const down = Array.from({ length: 39 }, () => key('down', ''))
  for (let count = 0; count < down.length; count += 1) {
    const lines = topLines(model(small, many, down.slice(0, count)), false)
    expect(lines.filter((line) => line.startsWith(`>  group-${String(count).padStart(2, '0')}`))).toHaveLength(1)
  }
})

test('a supervisor that does not answer is said to be silent, and for how long', () => {
  const silent = topLines(
    model(small, many, [
      { type: 'asked', at: 4000 },
      { type: 'tick', at: 7000 },
    ]),
    false,
  )
  expect(silent[22]).toBe('the supervisor has not answered for 7s; what stands here is as old')
  const asked = stepTop(startOfTop(small, 0), { type: 'asked', at: 0 })[0]
  const never = stepTop(stepTop(asked, { type: 'asked', at: 5000 })[0], { type: 'tick', at: 6000 })[0]
  expect(topLines(never, false)[22]).toBe('the supervisor has not answered for 6s')
})

test('one that is asked seldom is not called silent between two questions', () => {
  expect(topLines(model(small, many, [{ type: 'tick', at: 60_000 }]), false)[22]).toBe('')
})

test('a restart is asked for by name, and a filter is shown while it is typed', () => {
  expect(topLines(model(small, many, [key('r', 'R')]), false).slice(-2)).toEqual([
    'restart group-00, rolling? y / n',
    'y restart  any other key: no',
  ])
  const typing = topLines(model(small, many, [key('/'), key('3'), key('9')]), false)
  expect(typing[1]).toBe('1 group of 40 with "39", by CPU')
  expect(typing[22]).toBe('show groups with: 39_')
})

test('the last error of the chosen group stands below, and nothing of a tenant steers the terminal', () => {
  const failing = aGroupStatus({ lastError: 'Traceback\nError: \u001b[2J' })
  expect(topLines(model(small, [failing]), false)[22]).toBe('site-1: Error: \\x1b[2J')
  expect(topLines(model(small, [], [{ type: 'said', text: '\u001b[2J' }]), false)[22]).toBe('\\x1b[2J')
})

test('without colour there is no escape sequence', () => {
  expect(topLines(model(small), false).join('')).not.toContain('\u001b')
  expect(topLines(model(small), true).join('')).toContain('\u001b[32mrunning\u001b[0m')
})
