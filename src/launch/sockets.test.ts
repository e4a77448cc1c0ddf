import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { bindPath, bindTcp, SocketError } from './sockets.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-sockets-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** Why a connection fails. */
async function refusal(target: { host: string; port: number }): Promise<unknown> {
  const [error] = (await once(connect(target), 'error')) as [Error & { code?: string }]
  return error.code
}

test('a bound socket has a port and a descriptor, and accepts nobody', async () => {
  const socket = bindTcp('127.0.0.1', 0)
  expect(socket.port).toBeGreaterThan(0)
  expect(socket.fd).toBeGreaterThan(2)
  expect(await refusal({ host: '127.0.0.1', port: socket.port })).toBe('ECONNREFUSED')
  socket.close()
})

test('IPv6 leaves the port to IPv4', () => {
  const six = bindTcp('::', 0)
  const four = bindTcp('0.0.0.0', six.port)
  expect(four.port).toBe(six.port)
  six.close()
  four.close()
})

test('an address that nobody has here is refused with its name', () => {
  expect(() => bindTcp('192.0.2.1', 0)).toThrow(SocketError)
  expect(() => bindTcp('192.0.2.1', 0)).toThrow(/192\.0\.2\.1 port 0: EADDRNOTAVAIL/)
})

test('a path is bound once, and gone after closing', () => {
  const path = join(directory, 'a.sock')
  const socket = bindPath(path)
  expect(() => bindPath(path)).toThrow(/EADDRINUSE/)
  expect(existsSync(path)).toBe(true)
  socket.close()
  expect(existsSync(path)).toBe(false)
})
