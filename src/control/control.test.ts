import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { ControlClient } from './client.ts'
import type { ProgressLine } from './progress-line.ts'
import { serveControl, type ControlApi } from './server.ts'
import type { StatusDocument } from './status-document.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-control-'))
afterAll(() => rmSync(directory, { recursive: true }))

const document: StatusDocument = {
  ...{ version: '0.1.0', pid: 1, state: 'running', startedAt: '2026-01-01T00:00:00.000Z', uptimeSeconds: 12.5 },
  ...{ configFile: null, listen: [], admin: null, routers: [], groups: [] },
}
const api = (more: Partial<ControlApi> = {}): ControlApi => ({
  status: () => Promise.resolve(document),
  stacks: (group) => Promise.resolve({ group, state: 'running', workers: [] }),
  stop: () => 1000,
  reload: () => Promise.resolve(),
  restart: () => Promise.resolve(),
  debug: () => Promise.resolve(),
  debugReady: () => undefined,
  debugEnd: () => undefined,
  ended: Promise.resolve(),
  trouble: (error) => {
    throw error
  },
  ...more,
})

let sockets = 0
async function served(control: ControlApi) {
  const path = join(directory, `${(sockets += 1)}.sock`)
  const server = await serveControl(path, control)
  return { path, client: new ControlClient(path), [Symbol.dispose]: () => void server.close() }
}

test('the socket is its owner’s alone', async () => {
  using control = await served(api())
  expect(statSync(control.path).mode & 0o777).toBe(0o600)
})

test('status arrives as the supervisor made it', async () => {
  using control = await served(api())
  expect(await control.client.status()).toEqual(document)
})

test('a question for stacks names its group', async () => {
  using control = await served(api())
  expect(await control.client.stacks('über & co')).toEqual({ group: 'über & co', state: 'running', workers: [] })
})

test('stop waits until the server has ended', async () => {
  const asked: string[] = []
  let end: () => void = () => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const stop = (how: 'graceful' | 'now') => {
    asked.push(how)
    setImmediate(end)
    return 1000
  }
  using control = await served(api({ stop, ended }))
  await control.client.stop('now')
  expect(asked).toEqual(['now'])
})

test('what a restart does arrives line by line while it happens', async () => {
  const heard: ProgressLine[] = []
  let goOn: () => void = () => undefined
  const heardFirst = new Promise<void>((resolve) => (goOn = resolve))
  const restart = async (groups: readonly string[], tell: (line: ProgressLine) => void) => {
    for (const group of groups) tell({ type: 'group', group, did: 'restarted', error: null })
    await heardFirst
    tell({ type: 'done', failed: 0 })
  }
  using control = await served(api({ restart }))
  await control.client.restart(['shop', 'über & co'], (line) => {
    heard.push(line)
    goOn()
  })
  expect(heard.map((line) => ('group' in line ? line.group : line.type))).toEqual(['shop', 'über & co', 'done'])
})

test('a server that goes away before it is done has failed', async () => {
  const restart = (_groups: readonly string[], tell: (line: ProgressLine) => void) => {
    tell({ type: 'group', group: 'shop', did: 'restarted', error: null })
    return Promise.resolve()
  }
  using control = await served(api({ restart }))
  await expect(control.client.restart([], () => undefined)).rejects.toMatchObject({ code: 'failed' })
})

test('a server that ends in the middle of a line has failed, whatever it has said before', async () => {
  const path = join(directory, 'broken.sock')
  const broken = createHttpServer((_request, response) => {
    response.write('{"type":"group","group":"shop","did":"restarted","error":null}\n{"type":', () => response.destroy())
  }).listen(path)
  const heard: string[] = []
  try {
    const restart = new ControlClient(path).restart([], ({ type }) => heard.push(type))
    await expect(restart).rejects.toMatchObject({ code: 'failed', message: 'the supervisor ended before it was done' })
    expect(heard).toEqual(['group'])
  } finally {
    broken.close()
  }
})

test('a server that fails to answer says why', async () => {
  using control = await served(api({ status: () => Promise.reject(new Error('no routers')) }))
  await expect(control.client.status()).rejects.toMatchObject({ code: 'failed', message: 'no routers' })
})

test('nobody at the socket is told apart from a supervisor that cannot be asked', async () => {
  const nobody = new ControlClient(join(directory, 'nobody.sock'))
  await expect(nobody.status()).rejects.toMatchObject({ code: 'not-running' })
  const path = join(directory, 'mute.sock')
  const mute = createServer((socket) => socket.destroy()).listen(path)
  await expect(new ControlClient(path).status()).rejects.toMatchObject({ code: 'failed' })
  mute.close()
})
