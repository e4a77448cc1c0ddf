import { expect, test } from '@jest/globals'
import { aConfiguration, goodPlan } from '../../test/support/facts.ts'
import { withRunning } from './left-out.ts'

/** A server with these groups, each with an application in a part of its own and one that is in none. */
function aServer(...names: readonly string[]) {
  const applications = (name: string) =>
    `[{ mount: /${name}, module: "site:app" }, { mount: /${name}/wiki, module: "site:app", application-group: wiki }]`
  const texts = names.map((name) => [name, `user: trac\napplications: ${applications(name)}`] as const)
  return goodPlan(aConfiguration(Object.fromEntries(texts)))
}

test('of a group that is left out every part goes on, and nothing of others that are gone', () => {
  const plan = withRunning(aServer('new'), aServer('broken', 'gone'), ['broken'])
  expect(plan.groups.map(({ name }) => name)).toEqual(['new', 'new~wiki', 'broken', 'broken~wiki'])
})
