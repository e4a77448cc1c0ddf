// Reads what Python's faulthandler writes: the stacks of a process that could run no Python code. Pure. The text comes from a tenant's process.
import type { FrameDocument, ThreadDocument } from '../control/stacks-document.ts'

const head = /^(?:Current thread|Thread) 0x[0-9A-Fa-f]+(?: \[(.*)\])? \(most recent call first/
const frame = /^ {2}File "(.*)", line (\d+) in (.*)$/
/** The server's own code, as it stands in a run-dir or a chroot. */
const server = /\/wsgid_worker\/[a-z_]+\.py$/
/** What leads to an application, in a thread that serves and in one that loads. */
const surroundings = /\/(?:threading\.py|__main__\.py)$|<frozen runpy>$|<frozen importlib\._bootstrap|\/runpy\.py$/
const running = /\/wsgid_worker\/exchange\.py$/

/**
 * @returns the threads with the outermost frame first, without the server's frames that led to the application; and how many are not worth
 * showing: they wait for a request, or are the server's own
 */
export function parseThreadDump(text: string): Readonly<{ idle: number; threads: readonly ThreadDocument[] }> {
  const all = blocksOf(text).map(({ name, lines }) => ({ name, ...stackOf(lines) }))
  const shown = all.filter(({ frames }) => !isIdle(frames))
  const threads = shown.map(({ name, frames, cut }) => ({
    ...{ name, request: null, leftOut: cut ? 1 : 0 },
    frames: withoutSurroundings(frames),
  }))
  return { idle: all.length - shown.length, threads }
}

type Block = Readonly<{ name: string; lines: string[] }>

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  for (const line of text.split('\n')) {
    const found = head.exec(line)
    if (found !== null) blocks.push({ name: found[1] ?? '', lines: [] })
    else blocks.at(-1)?.lines.push(line)
  }
  return blocks
}

function stackOf(lines: readonly string[]): Readonly<{ frames: readonly FrameDocument[]; cut: boolean }> {
  const frames = lines.flatMap((line): FrameDocument[] => {
    const [, file = '', number = '0', name = ''] = frame.exec(line) ?? []
    return file === '' ? [] : [{ file, line: Number(number), function: name, code: '' }]
  })
  // faulthandler gives up after 100 frames.
  return { frames: frames.toReversed(), cut: lines.includes('  ...') }
}

/** Nothing is called from the server's own code but the kernel. */
function isIdle(frames: readonly FrameDocument[]): boolean {
  const innermost = frames.at(-1)?.file ?? ''
  return server.test(innermost) && !frames.some(({ file }) => running.test(file))
}

function withoutSurroundings(frames: readonly FrameDocument[]): readonly FrameDocument[] {
  const first = frames.findIndex(({ file }) => !server.test(file) && !surroundings.test(file))
  return first < 0 ? frames : frames.slice(first)
}
