import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { bindListeners, closeListeners } from './listeners.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-listen-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** Somebody who has an address already. */
async function occupied() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, plan: { kind: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port } as const }
}

test('an address in use is an error that names it, at once', async () => {
  const { server, plan } = await occupied()
  await expect(bindListeners([plan], false)).rejects.toThrow(`cannot bind 127.0.0.1 port ${plan.port}: EADDRINUSE`)
  server.close()
})

test('after a supervisor that died, its routers get time to let go of the address', async () => {
  const { server, plan } = await occupied()
  const binding = bindListeners([plan], true)
  setImmediate(() => server.close())
  const listeners = await binding
  expect(listeners.map(({ url }) => url)).toEqual([`http://127.0.0.1:${plan.port}`])
  closeListeners(listeners)
})

test('a host name and a port from the kernel become a real address', async () => {
  const listeners = await bindListeners([{ kind: 'tcp', host: 'localhost', port: 0 }], false)
  expect(listeners[0]?.url).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d*$/)
  closeListeners(listeners)
})

test('a socket file that a dead server left is replaced, another file is not', async () => {
  const path = join(directory, 'site.sock')
  const listeners = await bindListeners([{ kind: 'unix', path }], false)
  const again = await bindListeners([{ kind: 'unix', path }], false)
  closeListeners([...listeners, ...again])
  writeFileSync(path, 'precious')
  await expect(bindListeners([{ kind: 'unix', path }], false)).rejects.toThrow(/EADDRINUSE/)
})

test('a socket that systemd did not pass is named', async () => {
  await expect(bindListeners([{ kind: 'systemd', name: 'web' }], false)).rejects.toThrow(/no socket named "web"/)
})
