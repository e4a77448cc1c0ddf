import { expect, test } from '@jest/globals'
import { aConfiguration, someFacts } from '../../test/support/facts.ts'
import { makePlan } from './make-plan.ts'

function plan(server: string) {
  const configuration = aConfiguration({ a: 'user: trac\napplications: [{ module: "site:app" }]' }, server)
  const result = makePlan(configuration, someFacts(configuration))
  return result.ok ? result.plan.logRotation : result.diagnostics.map(({ line, what }) => `${line}: ${what}`)
}

test('logs are rotated by size only when a size is given, and five old ones are kept unless another number is', () => {
  expect(plan('')).toBeNull()
  expect(plan('log-rotate-size: 1MiB')).toEqual({ size: 1024 ** 2, count: 5 })
  expect(plan('log-rotate-size: 64KiB\nlog-rotate-count: 1')).toEqual({ size: 65_536, count: 1 })
})

test('a rotation that has nothing to do is an error', () => {
  expect(plan('log-dir: "-"\nlog-rotate-size: 1MiB')).toEqual([expect.stringMatching(/^2: .*log-dir is "-"/)])
  expect(plan('\nlog-rotate-count: 3')).toEqual([expect.stringMatching(/^2: .*log-rotate-size is not set/)])
})
