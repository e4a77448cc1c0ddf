// What the options of `wsgid debug` mean. Pure.
import type { DebugChoice } from '../control/debug-line.ts'
import { CommandFailure, usageExit } from './failure.ts'

/** `10%`, `0.1`, `100%`. @throws CommandFailure */
export function parseShare(text: string): number {
  const [, digits = '', percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text) ?? []
  const share = Number(digits) / (percent === '%' ? 100 : 1)
  if (digits === '' || share <= 0 || share > 1)
    throw wrong(`--share ${text}: not a share of the requests; write 10% or 0.1, more than 0 and at most 100%`)
  return share
}

/** `X-Debug: 1`, or `X-Debug` for any value. @throws CommandFailure */
export function parseHeader(text: string): Readonly<{ name: string; value: string | null }> {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*:\s*(.*))?$/.exec(text) ?? []
  if (name === undefined) throw wrong(`--header ${text}: not a header; write 'X-Debug: 1', or X-Debug for any value`)
  return { name: name.toLowerCase(), value: value?.trim() ?? null }
}

/** `FILE:LINE`. @param resolve makes the path absolute @throws CommandFailure */
export function parseBreak(text: string, resolve: (path: string) => string): readonly [string, number] {
  const [, file, line] = /^(.+):(\d+)$/.exec(text) ?? []
  if (file === undefined || Number(line) < 1) throw wrong(`--break ${text}: not a place in a file; write FILE:LINE`)
  return [resolve(file), Number(line)]
}

/** All requests without either. @throws CommandFailure */
export function chosenBy({ share, header }: Readonly<{ share?: string; header?: string }>): DebugChoice {
  if (share !== undefined && header !== undefined)
    throw wrong('--share and --header: the debugger takes requests by one of them; leave the other one out')
  return header === undefined ? { share: share === undefined ? 1 : parseShare(share) } : { header: parseHeader(header) }
}

const wrong = (message: string) => new CommandFailure(`debug: ${message}`, usageExit)
