import { expect, test } from '@jest/globals'
import type { PublicGroupState } from './public-state.ts'
import { summarise } from './summary.ts'

const named = (state: PublicGroupState, ...names: readonly string[]) => names.map((name) => ({ name, state }))

test.each([
  ['nothing is to be served', [], 'serving 0 groups'],
  ['one group', named('running', 'shop'), 'serving 1 group'],
  ['all is well', [...named('running', 'shop', 'wiki'), ...named('idle', 'blog')], 'serving 3 groups'],
  [
    'what is wrong is named, the worst first',
    [...named('rolling', 'a'), ...named('running', 'b'), ...named('degraded', 'c'), ...named('failing', 'd', 'e')],
    'serving 5 groups; failing: d, e; degraded: c; rolling: a',
  ],
  [
    'starting and stopping',
    [...named('stopping', 'a'), ...named('starting', 'b')],
    'serving 2 groups; starting: b; stopping: a',
  ],
  ['five are all named', named('failing', 'a', 'b', 'c', 'd', 'e'), 'serving 5 groups; failing: a, b, c, d, e'],
  [
    'more than five are counted',
    named('failing', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    'serving 8 groups; failing: a, b, c, d, e and 3 more',
  ],
])('%s', (_, groups, sentence) => {
  expect(summarise(groups)).toBe(sentence)
})
