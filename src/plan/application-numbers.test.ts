import { expect, test } from '@jest/globals'
import { anApplicationPlan } from '../../test/support/application-plan.ts'
import { commonApplications, numberApplications, placeApplications } from './application-numbers.ts'

const application = (mount: string) =>
  anApplicationPlan({ mount, entry: { kind: 'script', path: `/srv${mount}.wsgi`, callable: 'application' } })
const [trac, shop, wiki] = [application('/trac'), application('/shop'), application('/wiki')]
const before = numberApplications(new Map(), [trac, shop])

test('an application keeps its number when others come and go', () => {
  const after = numberApplications(before, [wiki, shop])
  expect(placeApplications(before, [trac, shop])).toEqual([trac, shop])
  expect(placeApplications(after, [wiki, shop])).toEqual([wiki, shop, wiki])
  expect(commonApplications(after, [wiki, shop], [])).toEqual([
    { ...wiki, number: 2 },
    { ...shop, number: 1 },
  ])
})

test('while two definitions serve, only what both have is routed', () => {
  const after = numberApplications(before, [wiki, shop])
  const serving = [
    [trac, shop],
    [wiki, shop],
  ]
  expect(commonApplications(after, [wiki, shop], serving)).toEqual([{ ...shop, number: 1 }])
})
