// Carries what a child prints into a log, line by line, in bounded memory: a log that is behind makes the child wait.
import type { Readable } from 'node:stream'
import { LineSplitter } from './line-splitter.ts'
import type { Level, Speaker } from './log-line.ts'
import type { Log } from './logs.ts'
import { readOutputLine } from './output-line.ts'

/**
 * Copies a stream of a child into a log until it ends.
 *
 * @param onLine told of every line's text, e.g. to keep the last ones for an error message
 */
export function captureOutput(
  stream: Readable,
  log: Log,
  { level, speaker, onLine }: { level: Level; speaker: Speaker; onLine?: (text: string) => void },
): void {
  const splitter = new LineSplitter()
  const write = (line: string): boolean => {
    const { text, request } = readOutputLine(line)
    onLine?.(text)
    return log.write(level, request === undefined ? speaker : { ...speaker, request }, text)
  }
  stream.on('data', (chunk: Buffer) => {
    const keepsUp = splitter.push(chunk).map(write).every(Boolean)
    if (keepsUp) return
    stream.pause()
    log.whenDrained(() => stream.resume())
  })
  stream.on('end', () => {
    const rest = splitter.end()
    if (rest !== null) write(rest)
  })
  // A pipe that breaks is the end of the child's output; its exit is reported where the child is owned.
  stream.on('error', () => stream.destroy())
}
