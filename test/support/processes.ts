// What /proc says about processes. `null` everywhere means: there is no such process (any more).
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** One line of the process table; `startTime` (in clock ticks since boot) tells a pid's reuse. */
export type ProcessRow = Readonly<{
  pid: number
  state: string
  parent: number
  processGroup: number
  session: number
  startTime: string
}>

/** One process, or null; a zombie is there, in state Z. */
export function processRow(pid: number): ProcessRow | null {
  const text = readProc(pid, 'stat')
  if (text === null) return null
  // The command's name, in parentheses, may contain anything: count from its end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    processGroup: Number(fields[2]),
    session: Number(fields[3]),
    startTime: fields[19] ?? '',
  }
}

/** Which process has this pid now, also beside an earlier or later one of the same pid. */
export function identityOf(pid: number): string {
  return `${pid} since ${processRow(pid)?.startTime ?? 'never'}`
}

export function processTable(): readonly ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processRow(Number(name)))
    .filter((row) => row !== null)
}

/** A process and all its descendants, those that have ended but were not reaped included. */
export function familyOf(ancestor: number): readonly ProcessRow[] {
  const table = processTable()
  const family = table.filter((row) => row.pid === ancestor)
  // Grows while it is walked: children of children follow.
  for (const member of family) family.push(...table.filter((row) => row.parent === member.pid))
  return family
}

/** Whether this very process still runs; a zombie does not. */
export function isRunning(process: Pick<ProcessRow, 'pid' | 'startTime'>): boolean {
  const now = processRow(process.pid)
  return now !== null && now.startTime === process.startTime && now.state !== 'Z'
}

/** /proc/PID/status as a record: { Uid: "33\t33\t33\t33", CapEff: "0000000000000000", … }; values trimmed. */
export function statusOf(pid: number): Readonly<Record<string, string>> {
  const lines = (readProc(pid, 'status') ?? '').split('\n').map((line) => line.split(':'))
  return Object.fromEntries(lines.map(([key = '', ...rest]) => [key, rest.join(':').trim()]))
}

/** /proc/PID/limits: { "Max core file size": { soft: "0", hard: "0" }, … }. */
export function limitsOf(pid: number): Readonly<Record<string, Readonly<{ soft: string; hard: string }>>> {
  const lines = (readProc(pid, 'limits') ?? '').split('\n').slice(1, -1)
  const fields = lines.map((line) => line.split(/\s{2,}/))
  return Object.fromEntries(fields.map(([name = '', soft = '', hard = '']) => [name, { soft, hard }]))
}

/** Resident memory in bytes; 0 when the process is gone. */
export function residentBytes(pid: number): number {
  return Number.parseInt(statusOf(pid)['VmRSS'] ?? '0', 10) * 1024
}

/** /proc/PID/environ as a record. */
export function environmentOf(pid: number): Readonly<Record<string, string>> {
  const entries = (readProc(pid, 'environ') ?? '').split('\0').filter((entry) => entry !== '')
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
}

/** The open descriptors: number → what the link says ("/dev/null", "socket:[123]", "anon_inode:[eventpoll]"). */
export function descriptorsOf(pid: number): ReadonlyMap<number, string> {
  const numbers = readdirSync(`/proc/${pid}/fd`).map(Number)
  const links = numbers.map((fd) => [fd, readLink(`/proc/${pid}/fd/${fd}`)] as const)
  return new Map(links.filter((pair): pair is readonly [number, string] => pair[1] !== null))
}

export function commandLineOf(pid: number): string {
  return (readProc(pid, 'cmdline') ?? '').replaceAll('\0', ' ').trim()
}

/** Running processes that name a directory in their command line or stand in it. */
export function processesAround(directory: string): readonly ProcessRow[] {
  const inside = (path: string | null) => path !== null && `${path}/`.startsWith(`${directory}/`)
  return processTable().filter(
    ({ pid, state }) =>
      state !== 'Z' &&
      pid !== process.pid &&
      (commandLineOf(pid).includes(directory) || inside(readLink(`/proc/${pid}/cwd`))),
  )
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return null // It ended while we looked.
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null // Ended, or not ours to see.
  }
}
