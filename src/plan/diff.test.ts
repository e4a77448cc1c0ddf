import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { aConfiguration, goodPlan } from '../../test/support/facts.ts'
import { diffPlans, isEmpty, type PlanDiff } from './diff.ts'
import type { ServerPlan } from './plan.ts'

/** A server with a group for each entry; texts are group files without their applications. */
function aPlan(groups: Readonly<Record<string, string>>, server = ''): ServerPlan {
  const texts = Object.entries(groups).map(([name, text]) => [
    name,
    `user: trac\n${text}\napplications: [{ mount: /${name}, module: "site:app" }]`,
  ])
  return goodPlan(aConfiguration(Object.fromEntries(texts) as Record<string, string>, server))
}

/** What runs after a diff was carried out. */
function apply(running: ServerPlan, diff: PlanDiff): ServerPlan {
  const changed = new Map([...diff.roll, ...diff.reroute].map((group) => [group.name, group]))
  const kept = running.groups.filter(({ name }) => !diff.stop.includes(name))
  const relistened = new Map(diff.relisten.map((listener) => [JSON.stringify(listener.address), listener]))
  const without = running.listeners.filter((listener) => !diff.unlisten.includes(listener))
  return {
    ...running,
    listeners: [...without.map((each) => relistened.get(JSON.stringify(each.address)) ?? each), ...diff.listen],
    groups: [...kept.map((group) => changed.get(group.name) ?? group), ...diff.start],
  }
}

const names = (groups: readonly { name: string }[]): string[] => groups.map(({ name }) => name)
const sorted = ({ groups, listeners }: ServerPlan) => ({
  groups: groups.toSorted((a, b) => a.name.localeCompare(b.name)),
  listeners: listeners.map((listener) => JSON.stringify(listener)).toSorted(),
})

const anOption = fc.constantFrom('', 'processes: 2', 'env: { A: "1" }', 'queue-timeout: 9', 'umask: "027"')
const somePlan = fc
  .tuple(
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), anOption, { maxKeys: 4 }),
    fc.uniqueArray(fc.constantFrom('127.0.0.1:8080', '127.0.0.1:8081', 'unix:/run/x.sock'), { minLength: 1 }),
    fc.constantFrom('', ', tls: { certificate: a.pem, key: a.key }', ', redirect-to-https: { port: 443 }'),
  )
  .map(([groups, listen, settings]) =>
    aPlan(groups, `listen: [${listen.map((each) => `{ address: "${each}"${settings} }`).join(', ')}]`),
  )

test('nothing is to be done between equal plans, and what is done makes one plan the other', () => {
  fc.assert(
    fc.property(somePlan, somePlan, (running, wanted) => {
      expect(isEmpty(diffPlans(running, structuredClone(running)))).toBe(true)
      const after = apply(running, diffPlans(running, wanted))
      expect(sorted(after)).toEqual(sorted(wanted))
      expect(isEmpty(diffPlans(after, wanted))).toBe(true)
    }),
  )
})

test('a group whose plan is the same is in no list', () => {
  fc.assert(
    fc.property(somePlan, somePlan, (running, wanted) => {
      const { start, roll, reroute, stop } = diffPlans(running, wanted)
      const touched = [...names(start), ...names(roll), ...names(reroute), ...stop]
      expect(new Set(touched).size).toBe(touched.length)
      for (const name of touched) {
        const [before, after] = [running, wanted].map(({ groups }) => groups.find((group) => group.name === name))
        expect(before).not.toEqual(after)
      }
    }),
  )
})

test('new, changed and removed groups are told apart, and a change for the routers alone from one for the workers', () => {
  const running = aPlan({ same: '', gone: '', env: '', queue: '' })
  const wanted = aPlan({ same: '', env: 'env: { A: "1" }', queue: 'queue-timeout: 9', fresh: '' })
  const diff = diffPlans(running, wanted)
  expect([names(diff.start), names(diff.roll), names(diff.reroute), diff.stop]).toEqual([
    ...[['fresh'], ['env'], ['queue'], ['gone']],
  ])
})

test('where a definition stands is no difference', () => {
  const running = aPlan({ a: '' })
  const elsewhere = { ...running, groups: running.groups.map((group) => ({ ...group, source: '/etc/wsgid/a.yaml' })) }
  expect(isEmpty(diffPlans(running, elsewhere))).toBe(true)
})

test('what cannot change while the server runs is named as users write it', () => {
  const running = aPlan({ a: '' })
  expect(diffPlans(running, aPlan({ a: '' }, 'routers: 2\nrun-dir: /run/other')).fixed).toEqual(['run-dir', 'routers'])
})

test('access-log: the routers are told, no worker is touched', () => {
  const before = aPlan({ a: '' })
  const diff = diffPlans(before, aPlan({ a: 'access-log: json' }, 'access-log: combined'))
  expect(diff).toMatchObject({ settings: ['accessLog'], roll: [], fixed: [] })
  expect(names(diff.reroute)).toEqual(['a'])
})

test('options of wsgid.yaml that hold at once are named as users write them', () => {
  const running = aPlan({ a: '' })
  const wanted = aPlan({ a: '' }, 'log-rotate-size: 1MiB\nwatch: true\naccess-log: json')
  expect(diffPlans(running, wanted).options).toEqual(['log rotation', 'watch', 'access-log'])
  const [one, two] = ['1', '2'].map((count) => `log-rotate-size: 1MiB\nlog-rotate-count: ${count}`)
  expect(diffPlans(aPlan({ a: '' }, one), aPlan({ a: '' }, two)).options).toEqual(['log rotation'])
})
