// Options about waiting: of requests for a thread, and of responses for a client that takes nothing. One server with a group for each.
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { makeGate } from '../support/gate.ts'
import { request } from '../support/http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { atEnd, forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(async () => {
  const site = await makeSite()
  return startWsgid({
    site,
    config: { listen: ['127.0.0.1:0', `unix:${socketOf(site)}`] },
    groups: [
      aGroupAt('queue-timeout', 'torture', { threads: 1, 'queue-timeout': '500ms' }),
      aGroupAt('listen-backlog', 'torture', { threads: 1, 'listen-backlog': 2, 'connect-timeout': '500ms' }),
      aGroupAt('connect-timeout', 'torture', { threads: 1, 'listen-backlog': 1, 'connect-timeout': '1500ms' }),
      aGroupAt('response-socket-timeout', 'stubborn', { 'response-socket-timeout': '500ms' }),
      aGroupAt('small-responses', 'torture', { 'response-socket-timeout': '500ms' }),
      aGroupAt('large-buffer', 'stubborn', { 'response-buffer-size': '48MiB' }),
      aGroupAt('small-buffer', 'stubborn', { 'response-buffer-size': '64KiB' }),
    ],
  })
})

/** Where clients connect for whom the kernel holds little: its buffers of a Unix socket do not grow. */
function socketOf(site: Site): string {
  return site.path('clients.sock')
}

/** Occupies the only thread of a group, then sends so many requests more. */
async function occupied(group: string, more: number) {
  const server = await theServer()
  const gate = await makeGate(server.site, group)
  const first = request(server.url(`/${group}${gate.path}`))
  await gate.untilBegun(1)
  const sent = performance.now()
  const waiting = Array.from({ length: more }, async () => {
    const { status } = await request(server.url(`/${group}/report`))
    return { status, milliseconds: performance.now() - sent }
  })
  return { first, waiting, gate }
}

test('queue-timeout: who has waited so long for a thread gets 504', async () => {
  const { first, waiting, gate } = await occupied('queue-timeout', 1)
  const [answer] = await Promise.all(waiting)
  expect(answer?.status).toBe(504)
  expect(answer?.milliseconds).toBeGreaterThanOrEqual(500)
  expect(answer?.milliseconds).toBeLessThan(800)
  await gate.open()
  expect((await first).status).toBe(200)
})

test('listen-backlog: so many wait for a thread, more of them not longer than connect-timeout', async () => {
  const { first, waiting, gate } = await occupied('listen-backlog', 5)
  const refused = await Promise.all([nth(waiting, 1), nth(waiting, 2), nth(waiting, 3)])
  expect(refused).toEqual([503, 503, 503])
  await gate.open()
  const statuses = (await Promise.all(waiting)).map(({ status }) => status)
  expect(statuses.toSorted()).toEqual([200, 200, 503, 503, 503])
  expect((await first).status).toBe(200)
})

test('connect-timeout: so long a request waits behind listen-backlog others, then 503', async () => {
  const { first, waiting, gate } = await occupied('connect-timeout', 2)
  const { status, milliseconds } = await Promise.race(waiting)
  expect(status).toBe(503)
  expect(milliseconds).toBeGreaterThanOrEqual(1500)
  expect(milliseconds).toBeLessThan(1900)
  await gate.open()
  expect((await first).status).toBe(200)
})

/** The status of the answer that comes n-th, of several that are waited for. */
async function nth(waiting: readonly Promise<{ status: number }>[], n: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0
    for (const one of waiting) {
      one.then(({ status }) => {
        answered += 1
        if (answered === n) resolve(status)
      }, reject)
    }
  })
}

/** A client that asks for a long response and takes nothing of it. */
async function flooded(group: string, mebibytes: number) {
  const server = await theServer()
  const notes = `${await server.site.directoryOf('www-data', `notes-of-${group}`)}/notes`
  const socket = connect(socketOf(server.site))
  socket.on('error', () => undefined) // To be cut off is what it is here for.
  await once(socket, 'connect')
  socket.pause()
  const path = `/${group}/flood?mebibytes=${mebibytes}&file=${notes}`
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
  return {
    /** What the application noted when its response was closed. */
    closed: () => (existsSync(notes) ? readFileSync(notes, 'utf8') : undefined),
    /** Bytes that the application was made to give. */
    taken: async () => Number((await request(server.url(`/${group}/taken`))).text),
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
      if (!socket.closed) await once(socket, 'close')
    },
  }
}

test('response-socket-timeout: a client that takes nothing for so long is cut off', async () => {
  const begun = performance.now()
  await using client = await flooded('response-socket-timeout', 1024)
  expect(await eventually('the response is closed', client.closed)).toMatch(/^closed, [1-9]\d* KiB left\n$/)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(500)
})

test('response-socket-timeout: a client that takes nothing of many small responses is cut off too', async () => {
  const server = await theServer()
  const { hostname, port, host } = new URL(server.url())
  const socket = connect({ host: hostname, port: Number(port) })
  atEnd(() => Promise.resolve(void socket.destroy()))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.pause()
  // An answer has this several times: more of them than all buffers on the way hold.
  const ask = `GET /small-responses/echo?${'x'.repeat(4000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  socket.write(ask.repeat(3000))
  await server.statusWhen('it was there and is cut off', ({ groups, routers }) => {
    const { requests = 0 } = groups.find(({ name }) => name === 'small-responses') ?? {}
    return requests > 0 && routers.every(({ connections }) => connections === 0)
  })
})

test('response-buffer-size: so much of a response the router takes off its worker, whatever the client takes', async () => {
  await using large = await flooded('large-buffer', 40)
  expect(await eventually('the response is closed', large.closed)).toBe('closed, 0 KiB left\n')
  await using small = await flooded('small-buffer', 40)
  const counts: number[] = []
  const settled = async () => {
    counts.push(await small.taken())
    const [now = 0, ...others] = counts.slice(-20).reverse()
    return now > 0 && others.length === 19 && others.every((count) => count === now) ? now : undefined
  }
  // The kernel's buffers take some too, 208 KiB of the client's connection.
  expect(await eventually('the router takes no more', settled)).toBeLessThan(768 * 1024)
  expect(small.closed()).toBeUndefined()
})
