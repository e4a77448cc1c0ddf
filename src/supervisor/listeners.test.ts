import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { Listeners } from './listeners.ts'

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
  await expect(new Listeners().bind([plan], false)).rejects.toThrow(
    `cannot bind 127.0.0.1 port ${plan.port}: EADDRINUSE`,
  )
  server.close()
})

test('after a supervisor that died, its routers get time to let go of the address', async () => {
  const { server, plan } = await occupied()
  const listeners = new Listeners()
  const binding = listeners.bind([plan], true)
  setImmediate(() => server.close())
  await binding
  expect(listeners.all.map(({ url }) => url)).toEqual([`http://127.0.0.1:${plan.port}`])
  listeners.close()
})

test('a host name and a port from the kernel become a real address', async () => {
  const listeners = new Listeners()
  const [listener] = await listeners.bind([{ kind: 'tcp', host: 'localhost', port: 0 }], false)
  expect(listener?.url).toMatch(/^http:\/\/(127\.0\.0\.1|\[::1\]):[1-9]\d*$/)
  listeners.close()
})

test('a socket file that a dead server left is replaced, another file is not', async () => {
  const path = join(directory, 'site.sock')
  const [dead, successor] = [new Listeners(), new Listeners()]
  await dead.bind([{ kind: 'unix', path }], false)
  await successor.bind([{ kind: 'unix', path }], false)
  dead.close()
  successor.close()
  writeFileSync(path, 'precious')
  await expect(new Listeners().bind([{ kind: 'unix', path }], false)).rejects.toThrow(/EADDRINUSE/)
})

test('a socket that systemd did not pass is named', async () => {
  await expect(new Listeners().bind([{ kind: 'systemd', name: 'web' }], false)).rejects.toThrow(/no socket named "web"/)
})

test('when one of several addresses cannot be had, none is kept', async () => {
  const { server, plan } = await occupied()
  const path = join(directory, 'half.sock')
  const listeners = new Listeners()
  await expect(listeners.bind([{ kind: 'unix', path }, plan], false)).rejects.toThrow(/EADDRINUSE/)
  expect(listeners.all).toEqual([])
  expect(existsSync(path)).toBe(false)
  server.close()
})
