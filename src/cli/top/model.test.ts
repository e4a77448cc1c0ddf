import { expect, test } from '@jest/globals'
import { aGroupStatus, aStatusDocument, aWorkerStatus } from '../../../test/support/a-status.ts'
import { shownRows, startOfTop, stepTop, type TopEffect, type TopEvent, type TopModel } from './model.ts'

const groups = [
  aGroupStatus({ name: 'a', requests: 100, queue: 3, workers: [aWorkerStatus({ cpuPercent: 1, rssBytes: 30 })] }),
  aGroupStatus({ name: 'b', requests: 900, workers: [aWorkerStatus({ cpuPercent: 80, rssBytes: 20 })] }),
  aGroupStatus({ name: 'c', requests: 500, workers: [], state: 'failing' }),
]
const answered = (at: number, list = groups): TopEvent => ({ type: 'answered', document: aStatusDocument(list), at })
const press = (name: string, more: Readonly<{ ctrl?: boolean; text?: string }> = {}): TopEvent => ({
  type: 'key',
  key: { name, ctrl: more.ctrl ?? false, text: more.text ?? (name.length === 1 ? name : '') },
})
const typed = (text: string): TopEvent[] => Array.from(text, (letter) => press(letter.toLowerCase(), { text: letter }))

function after(...events: readonly TopEvent[]): TopModel & Readonly<{ effects: readonly TopEffect[] }> {
  let model = startOfTop({ columns: 80, rows: 24 }, 0)
  const effects: TopEffect[] = []
  for (const event of [answered(0), ...events]) {
    const [next, effect] = stepTop(model, event)
    model = next
    if (effect !== null) effects.push(effect)
  }
  return { ...model, effects }
}
const names = (model: TopModel) => shownRows(model).map(({ group }) => group.name)

for (const [key, order, wanted] of [
  ['', 'CPU', ['b', 'a', 'c']],
  ['m', 'memory', ['a', 'b', 'c']],
  ['w', 'queue', ['a', 'b', 'c']],
  ['n', 'name', ['a', 'b', 'c']],
] as const) {
  test(`key "${key}" sorts by ${order}, and what is unknown comes last`, () => {
    expect(names(after(...typed(key)))).toEqual(wanted)
  })
}

test('requests a second are those between two answers, and zero when a new router counts anew', () => {
  const later = groups.map((group) => ({ ...group, requests: group.name === 'b' ? 10 : group.requests + 20 }))
  const model = after(...typed('r'), answered(2000, later))
  expect(shownRows(model).map(({ group, perSecond }) => [group.name, perSecond])).toEqual([
    ['a', 10],
    ['c', 10],
    ['b', 0],
  ])
})

test('a filter is typed, finds names, users and states in any case, and is taken away by Esc', () => {
  const filtered = after(...typed('/FAIL'))
  expect(names(filtered)).toEqual(['c'])
  expect(names(after(...typed('/xy'), press('backspace'), press('backspace'), press('return')))).toHaveLength(3)
  expect(names(stepTop(filtered, press('escape'))[0])).toHaveLength(3)
})

test('letters that are typed into the filter are no commands', () => {
  const model = after(...typed('/qR'))
  expect(model).toMatchObject({ filter: 'qR', effects: [] })
})

test('a group is restarted only after a yes', () => {
  const asked = after(press('down'), ...typed('R'))
  expect(asked).toMatchObject({ mode: { is: 'confirm', group: 'a' }, effects: [] })
  expect(stepTop(asked, press('y'))[1]).toEqual({ type: 'restart', group: 'a' })
  for (const key of ['n', 'return', 'escape', 'q']) expect(stepTop(asked, press(key))[1]).toBeNull()
})

test('the chosen group stays chosen when the order changes, and the list has two ends', () => {
  const model = after(press('down'), ...typed('m'))
  expect(model.chosen).toBe('a')
  expect(after(press('up'), press('up')).chosen).toBe('b')
  expect(after(press('pagedown'), press('down')).chosen).toBe('c')
})

test('R with no group in sight asks nothing', () => {
  expect(after(...typed('/zzz'), press('return'), ...typed('R')).mode).toEqual({ is: 'list' })
})

test('q and Ctrl-C quit, Ctrl-C also while something is asked; Ctrl-Z lets go of the terminal', () => {
  expect(after(...typed('q')).effects).toEqual([{ type: 'quit' }])
  expect(after(...typed('R'), press('c', { ctrl: true, text: '\u0003' })).effects).toEqual([{ type: 'quit' }])
  expect(after(press('z', { ctrl: true, text: '\u001a' })).effects).toEqual([{ type: 'suspend' }])
})
