import { afterEach, expect, jest, test } from '@jest/globals'
import { aRouterGroup } from '../../test/support/scripted-router.ts'
import { CredentialStore } from './credential-store.ts'
import { DigestNonces } from './digest-nonces.ts'
import { FailedLogins } from './failed-logins.ts'
import { Groups } from './groups.ts'
import { KnownLogins } from './known-logins.ts'
import { PasswordChecker } from './password-checker.ts'

const before = { connected: process.connected, send: Reflect.get(process, 'send') as unknown }
afterEach(() => void Object.assign(process, before))

/** A router without groups. */
function noGroups(): Groups {
  const logins = {
    files: new CredentialStore(() => undefined),
    checker: new PasswordChecker(),
    known: new KnownLogins(),
    failed: new FailedLogins(),
    nonces: new DigestNonces('secret'),
  }
  const budget = { held: 0, limit: 0 }
  return new Groups({ router: 1, budget, ends: { tell: null }, logins })
}

test('a worker of a group that is not known, or is no more, is idle at once: who withdraws it waits for that', () => {
  const told = jest.fn()
  Object.assign(process, { connected: true, send: told })
  noGroups().withdrawWorker('removed', 7)
  expect(told.mock.calls.map(([message]) => message)).toEqual([{ type: 'worker-idle', group: 'removed', worker: 7 }])
})

test('a group without routes, in the middle of a roll to other mounts, has its workers and its settings', () => {
  const groups = noGroups()
  groups.replace([aRouterGroup({ name: 'a', queueTimeout: 1 })])
  const dispatcher = groups.get('a')
  expect(dispatcher?.settings.queueTimeout).toBe(1)
  groups.replace([aRouterGroup({ name: 'a', queueTimeout: 2 })])
  expect(groups.get('a')).toBe(dispatcher)
  expect(dispatcher?.settings.queueTimeout).toBe(2)
})
