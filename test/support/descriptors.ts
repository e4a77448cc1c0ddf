// What a process's open descriptors are, in words: from /proc/PID/fd and the kernel's list of Unix sockets.
import { readFileSync } from 'node:fs'
import { descriptorsOf } from './processes.ts'

// __SO_ACCEPTCON in the Flags column of /proc/net/unix.
const accepts = 0x10000

/**
 * Number → "connected socket", "listening socket PATH", "socket that is neither …", "pipe", "eventpoll", "eventfd", or the path of a file.
 * A connected socket that was accepted carries its listener's path.
 */
export function describeDescriptors(pid: number): ReadonlyMap<number, string> {
  const sockets = unixSockets()
  return new Map([...descriptorsOf(pid)].map(([fd, link]) => [fd, describe(link, sockets)]))
}

function describe(link: string, sockets: ReadonlyMap<string, string>): string {
  const anonymous = /^anon_inode:\[?(\w+)\]?$/.exec(link)
  if (anonymous?.[1] !== undefined) return anonymous[1]
  if (link.startsWith('pipe:')) return 'pipe'
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
  return inode === undefined ? link : (sockets.get(inode) ?? 'socket that is no Unix socket')
}

/** By inode. */
function unixSockets(): ReadonlyMap<string, string> {
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n').slice(1, -1)
  return new Map(
    lines.map((line) => {
      const [, , , flags = '0', , state, inode = '', ...path] = line.split(/\s+/)
      const kind = Number.parseInt(flags, 16) & accepts ? 'listening' : state === '03' ? 'connected' : 'unconnected'
      return [inode, `${kind} socket ${path.join(' ')}`.trimEnd()]
    }),
  )
}
