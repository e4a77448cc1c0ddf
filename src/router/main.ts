// The router process: takes its identity first, then obeys its supervisor, and leaves with it.
import type { ToRouter } from '../protocol/supervision.ts'
import { CredentialStore } from './credential-store.ts'
import { DigestNonces } from './digest-nonces.ts'
import { FailedLogins } from './failed-logins.ts'
import { takeIdentity } from './identity.ts'
import { KnownLogins } from './known-logins.ts'
import type { LoginContext } from './login.ts'
import { PasswordChecker } from './password-checker.ts'
import { Router } from './router.ts'
import { tell } from './supervisor-channel.ts'

function loginContext(nonceSecret: string): LoginContext {
  return {
    files: new CredentialStore((file, version) => tell({ type: 'credentials-wanted', file, version })),
    checker: new PasswordChecker(),
    known: new KnownLogins(),
    failed: new FailedLogins(),
    nonces: new DigestNonces(nonceSecret),
  }
}

let router: Router | undefined

process.on('message', (message: ToRouter, handle: unknown) => {
  if (message.type === 'configure') {
    const logins = loginContext(message.nonceSecret)
    if (message.identity !== null) {
      logins.checker.prepareForChange()
      takeIdentity(message.identity)
    }
    router = new Router(message.router, logins)
    tell({ type: 'ready' })
  } else router?.obey(message, handle)
})
// The supervisor is gone, however it went: the listeners are let go at once, so that a new one can bind them.
process.on('disconnect', () => {
  if (router === undefined) process.exit(0)
  router.drain()
})
// The supervisor decides when a router ends; a signal to the whole process group of a terminal is not meant for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined)
