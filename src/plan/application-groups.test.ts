import { expect, test } from '@jest/globals'
import { aConfiguration, goodPlan } from '../../test/support/facts.ts'
import { applicationGroupIn, processGroupOf, processGroupsOf, shownPart } from './application-groups.ts'

/** The parts of a group called shop, with an application at each of these mounts, each in a part of its own. */
function partsAt(mounts: readonly string[]) {
  const apart = (mount: string) => `{ mount: "${mount}", module: "site:app", application-group: "%{RESOURCE}" }`
  const configuration = aConfiguration({ shop: `user: trac\napplications: [${mounts.map(apart).join(', ')}]` })
  return goodPlan(configuration).groups
}

test('the name of a part is one for a directory, and has its group and its application group in it', () => {
  const parts = partsAt(['/wiki', '/a_b', '/%7E~c', '/'])
  for (const { name, applicationGroup, processGroup } of parts) {
    expect(name).toMatch(/^shop~[\w.-]+$/)
    expect([processGroupOf(name), applicationGroupIn(name)]).toEqual([processGroup, applicationGroup])
  }
  expect(parts.map(({ applicationGroup }) => applicationGroup)).toContain('*|/a_b')
  expect(processGroupsOf(parts)).toEqual(['shop'])
})

test('people are told of a part by the name of its group, and of its application group if that has a name', () => {
  expect(shownPart('shop')).toBe('shop')
  expect(shownPart('shop~_2a_7c_2fwiki')).toBe('shop (application group *|/wiki)')
})
