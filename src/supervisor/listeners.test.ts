import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { AddressPlan, CertificatePlan, ListenerPlan } from '../plan/plan.ts'
import { Listeners } from './listeners.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-listen-'))
afterAll(() => rmSync(directory, { recursive: true }))

const at = (address: AddressPlan): ListenerPlan => ({
  address,
  certificates: [],
  hsts: null,
  redirect: null,
  proxyProtocol: 'off',
})
const portOf = ({ address }: ListenerPlan): number => (address.kind === 'tcp' ? address.port : 0)

/** Somebody who has an address already. */
async function occupied() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, plan: at({ kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port }) }
}

test('an address in use is an error that names it, at once', async () => {
  const { server, plan } = await occupied()
  await expect(new Listeners().bind([plan], false)).rejects.toThrow(
    `cannot bind 127.0.0.1 port ${portOf(plan)}: EADDRINUSE`,
  )
  server.close()
})

test('after a supervisor that died, its routers get time to let go of the address', async () => {
  const { server, plan } = await occupied()
  const listeners = new Listeners()
  const binding = listeners.bind([plan], true)
  setImmediate(() => server.close())
  await binding
  expect(listeners.all.map(({ url }) => url)).toEqual([`http://127.0.0.1:${portOf(plan)}`])
  listeners.close()
})

test('a host name and a port from the kernel become a real address', async () => {
  const listeners = new Listeners()
  await listeners.bind([at({ kind: 'tcp', host: 'localhost', port: 0 })], false)
  expect(listeners.all[0]?.url).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d*$/)
  listeners.close()
})

test('a socket file that a dead server left is replaced, another file is not', async () => {
  const path = join(directory, 'site.sock')
  const [dead, successor] = [new Listeners(), new Listeners()]
  await dead.bind([at({ kind: 'unix', path })], false)
  await successor.bind([at({ kind: 'unix', path })], false)
  dead.close()
  successor.close()
  writeFileSync(path, 'precious')
  await expect(new Listeners().bind([at({ kind: 'unix', path })], false)).rejects.toThrow(/EADDRINUSE/)
})

test('a socket that systemd did not pass is named', async () => {
  await expect(new Listeners().bind([at({ kind: 'systemd', name: 'web' })], false)).rejects.toThrow(
    /no socket named "web"/,
  )
})

test('when one of several addresses cannot be had, none is kept', async () => {
  const { server, plan } = await occupied()
  const path = join(directory, 'half.sock')
  const listeners = new Listeners()
  await expect(listeners.bind([at({ kind: 'unix', path }), plan], false)).rejects.toThrow(/EADDRINUSE/)
  expect(listeners.all).toEqual([])
  expect(existsSync(path)).toBe(false)
  server.close()
})

const certificate: CertificatePlan = { certificate: 'PEM', key: 'PEM', names: ['a.example.org'] }
const anyPort: AddressPlan = { kind: 'tcp', host: '127.0.0.1', port: 0 }
const otherPort: AddressPlan = { kind: 'tcp', host: 'localhost', port: 0 }

test('a listener with TLS is named https, and a redirection leads to the port that it got', async () => {
  const listeners = new Listeners()
  const redirecting: ListenerPlan = { ...at(otherPort), redirect: { status: 308, port: null } }
  await listeners.bind([redirecting, { ...at(anyPort), certificates: [certificate] }], false)
  const [plain, secure] = listeners.all
  expect(secure?.url).toMatch(/^https:/)
  expect(plain?.settings.redirect).toEqual({ status: 308, port: Number(new URL(secure?.url ?? '').port) })
  listeners.close()
})

test('new settings are taken over without binding anew, and what has not changed is not named', async () => {
  const listeners = new Listeners()
  const plans = [{ ...at(anyPort), certificates: [certificate] }, at(otherPort)]
  await listeners.bind(plans, false)
  const [before] = listeners.all
  expect(listeners.adopt(structuredClone(plans))).toEqual([])
  const renewed = { ...at(anyPort), certificates: [{ ...certificate, certificate: 'other PEM' }] }
  const changes = listeners.adopt([renewed, at(otherPort)])
  expect(changes).toEqual([
    { before, after: { ...before, settings: { ...before?.settings, certificates: renewed.certificates } } },
  ])
  listeners.close()
})
