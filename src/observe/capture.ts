// Carries what a child prints into a log, line by line, in bounded memory: a log that is behind makes the child wait.
import type { Readable } from 'node:stream'
import { LineSplitter } from './line-splitter.ts'
import type { Level, Speaker } from './log-line.ts'
import type { Log } from './logs.ts'
import { readOutputLine, type OutputLine } from './output-line.ts'

/**
 * Copies a stream of a child into a log until it ends.
 *
 * @param speaker who speaks when the line itself does not say it
 * @param onLine told of every line, e.g. to keep the last ones for an error message
 */
export function captureOutput(
  stream: Readable,
  log: Log,
  { level, speaker, onLine }: { level: Level; speaker: Speaker; onLine?: (line: OutputLine) => void },
): void {
  const splitter = new LineSplitter()
  const write = (line: string): boolean => {
    const said = readOutputLine(line)
    onLine?.(said)
    const { text, ...who } = said
    return log.write(level, { ...speaker, ...who }, text)
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
