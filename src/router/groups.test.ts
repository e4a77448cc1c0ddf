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

test('a group without routes, in the middle of a roll to other mounts, has its workers and its settings', () => {
  const groups = noGroups()
  groups.replace([{ ...settings, applications: [] }])
  const dispatcher = groups.get('a')
  expect(dispatcher?.settings.queueTimeout).toBe(1)
  groups.replace([{ ...settings, queueTimeout: 2, applications: [] }])
  expect(groups.get('a')).toBe(dispatcher)
  expect(dispatcher?.settings.queueTimeout).toBe(2)
})

const settings = {
  ...{ name: 'a', processGroup: 'a', threads: 1, multiprocess: false, listenBacklog: 1, connectTimeout: 1 },
  ...{ queueTimeout: 1, socketTimeout: 1, responseSocketTimeout: 1, limitRequestBody: 0, responseBufferSize: 1 },
  ...{ accessLog: null, gracefulTimeout: 1 },
}
