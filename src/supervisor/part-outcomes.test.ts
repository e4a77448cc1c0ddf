import { expect, test } from '@jest/globals'
import type { GroupOutcome } from '../control/progress-line.ts'
import { collectOutcomes, joinErrors } from './part-outcomes.ts'

type Did = GroupOutcome['did']

/** What is told of a change, by the outcomes of parts in turn. */
function told(outcomes: readonly (readonly [string, Did, string?])[], others: readonly string[] = []) {
  const lines: GroupOutcome[] = []
  const change = { parts: outcomes.map(([part]) => part), hasOthers: (group: string) => others.includes(group) }
  const take = collectOutcomes(change, (outcome) => lines.push(outcome))
  for (const [group, did, error = null] of outcomes) take({ group, did, error })
  return lines
}

test('a group is told of once, by its own name, when the last of its parts is done', () => {
  const outcomes = [
    ['shop~cart', 'restarted'],
    ['wiki', 'restarted'],
    ['shop', 'restarted'],
  ] as const
  expect(told(outcomes)).toEqual([
    { group: 'wiki', did: 'restarted', error: null },
    { group: 'shop', did: 'restarted', error: null },
  ])
  expect(told(outcomes.slice(0, 2)).map(({ group }) => group)).toEqual(['shop', 'wiki'])
})

test.each<[string, readonly Did[], readonly string[], Did]>([
  ['all of it started', ['started', 'started'], [], 'started'],
  ['all of it removed', ['removed', 'removed'], [], 'removed'],
  ['a part started beside others', ['started'], ['shop'], 'changed'],
  ['a part removed beside others', ['removed'], ['shop'], 'changed'],
  ['one part removed, another one started', ['removed', 'started'], [], 'changed'],
  ['only routes of a part, beside others', ['rerouted'], ['shop'], 'rerouted'],
  ['only routes, and a failed roll tried again', ['rerouted', 'changed'], [], 'changed'],
])('%s', (_, dids, others, did) => {
  const outcomes = dids.map((each, index) => [`shop~${index}`, each] as const)
  expect(told(outcomes, others)).toEqual([{ group: 'shop', did, error: null }])
})

test('the error of a part says which application group it is about, but for the one without a name', () => {
  const outcomes = [
    ['shop', 'restarted', 'Bad'],
    ['shop~_2a_7c_2fcart', 'restarted', 'Trace\nWorse\n'],
    ['shop~a', 'restarted'],
  ] as const
  expect(told(outcomes)[0]?.error).toBe('Bad\napplication group *|/cart:\nTrace\nWorse')
  expect(joinErrors([{ group: 'shop', error: null }])).toBeNull()
})
