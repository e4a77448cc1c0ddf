import { expect, test } from '@jest/globals'
import { renderReport } from '../config/diagnostics.ts'
import { aConfiguration, someFacts, type Machine } from '../../test/support/facts.ts'
import { makePlan } from './make-plan.ts'

const secrets = '/etc/wsgid/secrets.env'
const closed = { mode: 0o600 }

function plan(text: string, options = '', files: Machine['files'] = { [secrets]: closed }) {
  const configuration = aConfiguration({
    a: `user: trac\nenv-file: ../secrets.env\n${options}\napplications: [{ script: /srv/app.wsgi }]`,
  })
  return makePlan(configuration, someFacts(configuration, { files, texts: { [secrets]: text } }))
}

function report(...asked: Parameters<typeof plan>): string {
  const result = plan(...asked)
  return result.ok ? 'good' : renderReport(result.diagnostics)
}

test('env-file adds to the environment, env wins', () => {
  expect(plan('PASSWORD="s3cret"\nTRAC_ENV=/x', 'env: { TRAC_ENV: /y }')).toMatchObject({
    ok: true,
    plan: { groups: [{ environment: { PASSWORD: 's3cret', TRAC_ENV: '/y', USER: 'trac' } }] },
  })
})

test.each<[string, Machine['files'], RegExp]>([
  ['everyone can read', { [secrets]: { mode: 0o604 } }, /can be read by others \(root:root 0604\)/],
  ['a group can read', { [secrets]: { gid: 50, mode: 0o640 } }, /can be read by others \(root:staff 0640\)/],
  ['a tenant owns', { [secrets]: { uid: 1001, mode: 0o600 } }, /belongs to "trac"/],
  [
    'a tenant could put a link in the place of',
    { [secrets]: closed, '/etc/wsgid': { kind: 'directory', uid: 1001, mode: 0o755 } },
    /directory "\/etc\/wsgid" above env-file belongs to "trac"/,
  ],
])('as root an env-file that %s is refused', (_claim, files, expected) => {
  expect(report('PASSWORD=s3cret', '', files)).toMatch(expected)
})

test('no message shows a text of an env-file', () => {
  const told = report('A=1\ns3cret\nB="s3cret\n')
  expect(told).toContain('/etc/wsgid/secrets.env:2:1: this line is not NAME=VALUE')
  expect(told).toContain('/etc/wsgid/secrets.env:3:1: this line is not NAME=VALUE')
  expect(told).not.toContain('s3cret')
})

test.each(['LD_PRELOAD', 'TZ', 'LC_ALL', 'TMPDIR'])('%s in an env-file is refused: it would show in ps', (name) => {
  expect(report(`${name}=s3cret`)).toMatch(new RegExp(`secrets.env" sets ${name}, which would show in a command line`))
  expect(report(`${name}=s3cret`)).not.toContain('s3cret')
})
