import { expect, test } from '@jest/globals'
import { renderReport } from '../config/diagnostics.ts'
import { parseServerFile } from '../config/parse.ts'
import { aConfiguration, someFacts, type Machine } from '../../test/support/facts.ts'
import { diffPlans, isEmpty } from './diff.ts'
import { gid } from '../units.ts'
import { makePlan } from './make-plan.ts'
import type { ServerPlan } from './plan.ts'

function result(server: string, machine: Machine = {}) {
  const configuration = aConfiguration({ a: 'user: trac\napplications: [{ module: "a:b" }]' }, server)
  return makePlan(configuration, someFacts(configuration, machine))
}

function planned(server: string): ServerPlan {
  const made = result(server)
  if (!made.ok) throw new Error(renderReport(made.diagnostics))
  return made.plan
}

function saidAbout(server: string): string {
  const parsed = parseServerFile({ name: 'wsgid.yaml', path: '/etc/wsgid/wsgid.yaml', text: server })
  return parsed.ok ? 'good' : renderReport(parsed.diagnostics)
}

test('nothing is told anywhere unless it is asked for', () => {
  expect(planned('').admin).toBeNull()
})

test.each([
  ['127.0.0.1:9117', { kind: 'tcp', host: '127.0.0.1', port: 9117 }],
  ['127.1.2.3:0', { kind: 'tcp', host: '127.1.2.3', port: 0 }],
  ['"[::1]:9117"', { kind: 'tcp', host: '::1', port: 9117 }],
  ['localhost:9117', { kind: 'tcp', host: 'localhost', port: 9117 }],
  ['unix:admin.sock', { kind: 'unix', path: '/etc/wsgid/admin.sock' }],
])('admin listens on %s', (written, address) => {
  expect(planned(`admin: { listen: ${written} }`).admin).toEqual({ address, gid: null })
})

test.each(['0.0.0.0:9117', '"[::]:9117"', '192.0.2.1:9117', 'example.org:9117', '127.example.org:1', 'systemd:admin'])(
  'admin does not listen on %s, which other machines may reach',
  (written) => {
    expect(saidAbout(`admin: { listen: ${written} }`)).toMatch(
      /wsgid\.yaml:1:18: listen is .* must be an address of this machine alone .* or unix:\/path/,
    )
  },
)

test('a group may connect to a Unix socket, not to a port', () => {
  const machine = { groups: [{ name: 'prometheus', gid: gid(120) }] }
  const made = result('admin: { listen: unix:/run/a.sock, group: prometheus }', machine)
  expect(made.ok && made.plan.admin).toEqual({ address: { kind: 'unix', path: '/run/a.sock' }, gid: 120 })
  expect(saidAbout('admin: { listen: 127.0.0.1:1, group: prometheus }')).toContain('group needs listen: unix:/path')
})

test('a group that does not exist is named with its place', () => {
  const made = result('admin: { listen: unix:/run/a.sock, group: nosuch }')
  expect(made.ok ? '' : renderReport(made.diagnostics)).toMatch(/wsgid\.yaml:1:43: there is no group "nosuch"/)
})

test.each([
  [
    'listen: unix:/run/a.sock\n',
    'unix:/run/a.sock',
    /wsgid\.yaml:2:18: this address is also that of wsgid\.yaml:1:9\n/,
  ],
  ['listen: 127.0.0.1:81\n', '127.0.0.1:81', /wsgid\.yaml:2:18: this address is also that of wsgid\.yaml:1:9\n/],
  ['', '127.0.0.1:8080', /wsgid\.yaml:1:18: this address is also that of wsgid\.yaml\n/],
])('clients and admin cannot have the same address: %j, admin at %s', (listen, address, said) => {
  const made = result(`${listen}admin: { listen: ${address} }`)
  expect(made.ok ? '' : renderReport(made.diagnostics)).toMatch(said)
})

test('clients and admin may have a port each that the kernel chooses', () => {
  expect(result('listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }').ok).toBe(true)
})

test('a reload opens, moves and closes it, and touches nothing else', () => {
  const without = planned('')
  const somewhere = planned('admin: { listen: 127.0.0.1:1 }')
  const elsewhere = planned('admin: { listen: 127.0.0.1:2 }')
  expect(diffPlans(without, somewhere)).toMatchObject({ admin: [somewhere.admin], listen: [], roll: [], reroute: [] })
  expect(diffPlans(somewhere, elsewhere).admin).toEqual([elsewhere.admin])
  expect(diffPlans(elsewhere, without).admin).toEqual([null])
  expect(isEmpty(diffPlans(elsewhere, without))).toBe(false)
  expect(diffPlans(somewhere, structuredClone(somewhere)).admin).toEqual([])
})
