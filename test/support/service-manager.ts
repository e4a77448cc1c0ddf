// Runs `wsgid start --foreground` below a stand-in for systemd, which hears its notifications and passes it a socket.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'
import { isRecord } from './http.ts'
import { processesAround } from './processes.ts'
import type { Site } from './site.ts'
import { program } from './start-wsgid.ts'
import { atEnd } from './test.ts'

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
/** What stands before Node in the unit. */
export const connector = pathOf('../../bin/with-notify-socket')
const manager = pathOf('./service-manager.py')

/** How the messages get out: `descriptor` as in the unit of `wsgid init systemd`, `helper` without with-notify-socket. */
export type Way = 'descriptor' | 'helper'
export type Notification = Readonly<{ pid: number; message: string }>

export class ManagedWsgid {
  readonly notifications: Notification[] = []
  /** What was printed there, shown as well. */
  stderr = ''
  pid = 0
  port: number | null = null
  exitCode: number | null = null

  constructor(site: Site, command: readonly string[], socketName: string) {
    const child = spawn('python3', [manager, site.path('notify.sock'), socketName, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      process.stderr.write(text)
    })
    // What wsgid prints comes the same way.
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line))
    atEnd(async () => {
      if (this.exitCode === null && this.pid > 0) process.kill(this.pid, 'SIGTERM')
      await eventually('the server has ended', () => (this.exitCode === null ? undefined : true), 20)
      for (const { pid } of processesAround(site.directory)) process.kill(pid, 'SIGKILL')
    })
  }

  /** Waits for the first message that matches, among those from `from` on. */
  heard(pattern: RegExp, from = 0): Promise<Notification> {
    return eventually(
      `a message like ${String(pattern)} among ${this.notifications.length}`,
      () => this.notifications.slice(from).find(({ message }) => pattern.test(message)),
      20,
    )
  }

  ended(): Promise<number> {
    return eventually('the server has ended', () => this.exitCode ?? undefined, 20)
  }

  #take(line: string): void {
    if (!line.startsWith('{')) return
    const said: unknown = JSON.parse(line)
    if (!isRecord(said)) return
    if (typeof said['child'] === 'number') this.pid = said['child']
    if (typeof said['port'] === 'number') this.port = said['port']
    if (typeof said['exit'] === 'number') this.exitCode = said['exit']
    const { pid, message } = said
    if (typeof pid === 'number' && typeof message === 'string') this.notifications.push({ pid, message })
  }
}

type Managed = Readonly<{
  configFile: string
  way: Way
  /** Of a listening TCP socket to pass; default: none. */
  socketName?: string
  /** Bounding set as setpriv has it, "+setuid,+kill", under which it runs with no_new_privs; default: everything. */
  bounds?: string
}>

export function startManaged(site: Site, { configFile, way, socketName = '', bounds }: Managed): ManagedWsgid {
  const wsgid = [process.execPath, program, 'start', '--foreground', '--config', configFile]
  const connected = way === 'descriptor' ? [connector, ...wsgid] : wsgid
  const confined = ['/usr/bin/setpriv', '--no-new-privs', `--bounding-set=-all,${bounds ?? ''}`, '--', ...connected]
  return new ManagedWsgid(site, bounds === undefined ? connected : confined, socketName)
}
