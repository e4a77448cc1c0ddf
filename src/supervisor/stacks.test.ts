import { expect, test } from '@jest/globals'
import { aConfiguration, goodPlan } from '../../test/support/facts.ts'
import { newGroup } from '../lifecycle/group-state.ts'
import { readStacks } from './stacks.ts'

/** The parts of a group, one of which starts while the other one is asleep. */
function parts() {
  const applications = '[{ mount: /, module: "a:b" }, { mount: /wiki, module: "a:b", application-group: wiki }]'
  const configuration = aConfiguration({ shop: `user: trac\napplications: ${applications}` })
  return goodPlan(configuration).groups.map((plan, index) => {
    const state = newGroup(plan, '')
    return { plan, state: index === 0 ? { ...state, target: 0 } : state }
  })
}

const nobody = {
  of: (): never => {
    throw new Error('there are no workers to ask')
  },
}

test('the state of a group is the one that its operator has to know of, whichever part is in it', async () => {
  for (const entries of [parts(), parts().toReversed()])
    expect(await readStacks({ machines: { byName: new Map([['shop', entries]]) }, workers: nobody }, 'shop')).toEqual({
      ...{ group: 'shop', state: 'starting', workers: [] },
    })
  expect(await readStacks({ machines: { byName: new Map([['shop', parts()]]) }, workers: nobody }, 'shp')).toEqual({
    known: ['shop'],
  })
})
