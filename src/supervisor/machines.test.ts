import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { aConfiguration, goodPlan } from '../../test/support/facts.ts'
import { Machines } from './machines.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** Machines that carry nothing out, and the parts of two groups: shop has two. */
function someMachines() {
  const applications = '[{ mount: /, module: "a:b" }, { mount: /wiki, module: "a:b", application-group: wiki }]'
  const configuration = aConfiguration({
    shop: `user: trac\napplications: ${applications}`,
    site: 'user: trac\napplications: [{ mount: /site, module: "a:b" }]',
  })
  const server = goodPlan(configuration)
  const nothing = (): void => undefined
  const machines = new Machines(server, { group: nothing, fleet: nothing, supervisor: nothing })
  for (const plan of server.groups) machines.addGroup(plan, '')
  const told = () => Array.from(machines.byName, ([name, parts]) => [name, parts.map(({ plan }) => plan.name)])
  return { machines, told, plans: server.groups }
}

test('a group is known by its name as long as a part of it is there', () => {
  const { machines, told } = someMachines()
  expect(told()).toEqual([
    ['shop', ['shop', 'shop~wiki']],
    ['site', ['site']],
  ])
  machines.removeGroup('shop')
  machines.removeGroup('nobody')
  expect(told()).toEqual([
    ['shop', ['shop~wiki']],
    ['site', ['site']],
  ])
  machines.removeGroup('shop~wiki')
  expect([told(), machines.partsOf('shop')]).toEqual([[['site', ['site']]], []])
})

test('the part of a group that is planned anew has the new plan by either name', () => {
  const { machines, plans } = someMachines()
  for (const plan of plans) machines.replan({ ...plan, threads: 7 })
  expect(machines.partsOf('shop').map(({ plan }) => plan.threads)).toEqual([7, 7])
  expect(machines.partsOf('shop')[1]).toBe(machines.group('shop~wiki'))
})
