// Bodies that are too large or too slow for one buffer: uploads and downloads that are counted, readers that hardly read.
import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { openRequest } from './http.ts'

const block = Buffer.alloc(1 << 20)

/** Posts so many zero bytes, as fast as they are taken, until the answer begins. @returns the text of the answer */
export async function uploadZeros(url: string, length: number): Promise<string> {
  // Keep-alive: a client that asks for the connection to be closed must expect that before its upload is over.
  const agent = new Agent({ keepAlive: true })
  const outgoing = httpRequest(url, { method: 'POST', headers: { 'Content-Length': length }, agent })
  let answer: IncomingMessage | undefined
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', (response) => resolve((answer = response))).once('error', reject)
  })
  for (let sent = 0; sent < length && answer === undefined; sent += block.length) {
    const taken = outgoing.write(block.subarray(0, Math.min(block.length, length - sent)))
    if (!taken) await Promise.race([once(outgoing, 'drain'), answered])
  }
  if (answer === undefined) outgoing.end()
  const body = await text(await answered)
  outgoing.on('error', () => undefined).destroy()
  agent.destroy()
  return body
}

/** Reads an answer to its end. @returns how many bytes its body had @throws when it was cut off */
export async function downloadAndCount(url: string): Promise<number> {
  const chunks: AsyncIterable<Buffer> = await openRequest(url)
  let received = 0
  for await (const chunk of chunks) received += chunk.length
  return received
}

/** A client that asks for a URL and then reads one byte a second. */
export async function openSlowReader(url: string): Promise<AsyncDisposable & { received: () => number }> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  socket.on('error', () => undefined) // The server may give up on such a client.
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  let received = 0
  // Only what is asked for is taken; the rest fills the kernel's buffers, then the server's.
  socket.on('readable', () => undefined)
  const timer = setInterval(() => {
    if (socket.read(1) !== null) received += 1
  }, 1000)
  return {
    received: () => received,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      socket.destroy()
      if (!socket.closed) await once(socket, 'close')
    },
  }
}
