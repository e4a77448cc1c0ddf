// The router's part: a whole wsgid whose router runs under callgrind, and a client that asks for one answer after the other.
import { once } from 'node:events'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startWsgid } from '../servers/wsgid.ts'
import { perRequest, readTotal, type Count } from './callgrind.ts'

const checkout = fileURLToPath(new URL('../../..', import.meta.url))
const standIn = fileURLToPath(new URL('stand-in.js', import.meta.url))
/** One after the other: of several at once it depends on the clock how many answers come in one read. */
const [FEW, MANY] = [320, 960]
const HEAD = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: curl/8\r\nAccept: */*\r\nAccept-Encoding: gzip\r\n'
const REQUEST = `${HEAD}Cookie: session=0123456789abcdef\r\n\r\n`
const BODY = 'Hello, World!\n'
const PATIENCE_MS = 120_000

/** Instructions of one request. */
export async function countRouter(directory: string, signal: AbortSignal): Promise<number> {
  const [shorter, longer] = await Promise.all([FEW, MANY].map((requests) => run(requests, { directory, signal })))
  if (shorter === undefined || longer === undefined) throw new Error('two runs have two results')
  return perRequest(shorter, longer)
}

type Run = Readonly<{ directory: string; signal: AbortSignal }>

async function run(requests: number, { directory, signal }: Run): Promise<Count> {
  const place = join(directory, `router-${requests}`)
  const counts = join(place, 'counts')
  await mkdir(counts, { recursive: true })
  await chmod(place, 0o755)
  await chmod(counts, 0o777)
  const file = join(counts, 'callgrind')
  const server = await startWsgid({
    program: join(checkout, 'bin/wsgid'),
    nodeOptions: [`--import=${await replaceNode(place, file)}`],
    place,
    group: `user: www-data\napplications: [{ mount: /, script: ${await writeApplication(place)} }]\n`,
    expectedBody: BODY,
    patienceMs: PATIENCE_MS,
    signal,
  })
  // It was made by root, as the router began; what writes it at the end is the router's account.
  await rm(file)
  try {
    await ask(new URL(server.url), requests)
  } finally {
    await server.stop()
  }
  return { requests, instructions: await whenWritten(file, signal) }
}

/** What has the supervisor start a router by the stand-in. @returns the module for --import */
async function replaceNode(place: string, file: string): Promise<string> {
  const wrapper = join(place, 'node')
  await writeFile(wrapper, `#!/bin/sh\nexec ${process.execPath} ${standIn} ${file} "$@"\n`, { mode: 0o755 })
  const module = join(place, 'replace-node.mjs')
  await writeFile(module, `process.execPath = ${JSON.stringify(wrapper)}\n`)
  return module
}

async function writeApplication(place: string): Promise<string> {
  const script = join(place, 'hello.py')
  const headers = "[('Content-Type', 'text/plain'), ('Content-Length', '14')]"
  await writeFile(
    script,
    `def application(environ, start_response):\n    start_response('200 OK', ${headers})\n    return [${JSON.stringify(BODY)}.encode()]\n`,
  )
  return script
}

/** Over one connection, each when the one before is answered. */
async function ask({ hostname, port }: URL, requests: number): Promise<void> {
  const socket = connect(Number(port), hostname)
  try {
    for (let sent = 0; sent < requests; sent += 1) {
      socket.write(REQUEST, 'latin1')
      await answer(socket)
    }
  } finally {
    socket.destroy()
  }
}

async function answer(socket: Socket): Promise<void> {
  let text = ''
  while (!text.endsWith(BODY)) {
    const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) })) as [Buffer]
    text += data.toString('latin1')
  }
  if (!text.startsWith('HTTP/1.1 200 OK\r\n')) throw new Error(`the router answers ${text}`)
}

/** callgrind writes its file after the router's last act, which nobody awaits any more. */
async function whenWritten(file: string, signal: AbortSignal): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    try {
      return await readTotal(file)
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(100, undefined, { signal })
    }
  }
}
