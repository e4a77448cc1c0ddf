import { expect, test } from '@jest/globals'
import { anApplicationPlan } from '../../test/support/application-plan.ts'
import type { ApplicationPlan } from './plan.ts'
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

test('while two definitions serve, a request has all that either waits for, as the newer one says it', () => {
  const captured = (name: string) => ({ kind: 'captured-script' as const, path: `/srv/${name}.wsgi`, callable: 'a' })
  const older = anApplicationPlan({ match: '^/(?<a>.)', entry: captured('${a}'), requireFile: '/srv/${a}' })
  const newer = anApplicationPlan({ match: '^/(?<a>.)', environ: { env: '/srv/one' } })
  const both = (newest: ApplicationPlan, before: ApplicationPlan) =>
    commonApplications(numberApplications(new Map(), [newest]), [newest], [[before], [newest]])[0]
  const older1 = { ...older, capturedEnviron: { env: '/srv/${a}', only: '${a}' } }
  expect(both(newer, older1)).toEqual({
    ...{ ...newer, number: 0, entry: older.entry, requireFile: '/srv/${a}' },
    capturedEnviron: { env: '/srv/${a}', only: '${a}' },
  })
  const newest = { ...newer, entry: captured('new'), requireFile: '/new', capturedEnviron: { env: '/new/${a}' } }
  expect(both(newest, older1)).toEqual({ ...newest, number: 0, capturedEnviron: { env: '/new/${a}', only: '${a}' } })
})
