// The supervisor's end of a template process's control socket: JSON lines out, checked messages in, in bounded memory and at a bounded rate.
import type { Socket } from 'node:net'
import type { FromTemplate, ToTemplate } from '../protocol/supervision.ts'
import { parseTemplateLine } from './messages.ts'

/** Longest line: a traceback, which the worker bounds. */
const longestLineBytes = 262_144
/** A worker says a handful of things in its life. More than this many at once for each, and they have to wait: root's time is not the tenant's. */
const burst = 16
const pauseMs = 1000

/** Sends a message. A template process that does not read is found by its workers' deadlines, a broken socket by its exit. */
export function tellTemplate(socket: Socket, message: ToTemplate): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
}

/**
 * Reads messages until the template's end closes.
 *
 * @param workers how many workers may speak by it
 * @param hear gets each message, or `null` once when something is said that is none; nothing more is read then
 */
export function hearTemplate(socket: Socket, workers: number, hear: (message: FromTemplate | null) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  // A reset is an end; what it means is told by the process's exit.
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    const messages = lines.map(parseTemplateLine)
    if (messages.includes(null) || rest.length > longestLineBytes) {
      socket.removeAllListeners('data')
      socket.resume()
      hear(null)
      return
    }
    for (const message of messages) hear(message)
    if (messages.length > burst * workers) pauseFor(socket, pauseMs)
  })
}

function pauseFor(socket: Socket, ms: number): void {
  socket.pause()
  setTimeout(() => socket.resume(), ms).unref()
}
