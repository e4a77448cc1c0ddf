import { afterEach, expect, jest, test } from '@jest/globals'
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
