// Which log a line goes to: GROUP.log or wsgid.log in log-dir, or stderr for everything. Knows nothing of processes.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { serverLogName } from '../config/group-schema.ts'
import { LogFile, openLog } from './log-file.ts'
import type { Level, Speaker } from './log-line.ts'
import { processGroupOf } from '../plan/application-groups.ts'
import type { LogRotation } from '../plan/plan.ts'

/** A place for lines; see LogFile. */
export type Log = Pick<LogFile, 'write' | 'whenDrained'>

/** A place for lines that are complete as they are; see LogFile. */
export type LineLog = Pick<LogFile, 'append' | 'whenDrained'>

/** Opens the server's log for what cannot pass through Logs: the last words of a process that dies of a fault of its own. */
export function openServerLog(directory: string): number {
  mkdirSync(directory, { recursive: true, mode: 0o750 })
  return openLog(join(directory, `${serverLogName}.log`))
}

export class Logs {
  readonly #directory: string | null
  #rotation: LogRotation | null
  readonly #server: LogFile
  readonly #groups = new Map<string, LogFile>()
  /** Access logs, by group; "" is the server's. */
  readonly #access = new Map<string, LogFile>()

  /**
   * @param directory created when missing (0750); "-" sends everything to stderr
   * @param rotation null: not by size
   * @throws Error when wsgid.log cannot be opened there
   */
  constructor(directory: string, rotation: LogRotation | null = null) {
    this.#directory = directory === '-' ? null : directory
    this.#rotation = rotation
    if (this.#directory !== null) mkdirSync(this.#directory, { recursive: true, mode: 0o750 })
    this.#server = new LogFile(this.#pathOf(serverLogName), { rotation })
  }

  /** The log of the server itself. */
  get server(): Log {
    return this.#server
  }

  /** The log of a group, opened when first asked for; the server's own while that fails: lines carry the group's name anyway. */
  group(nameOfPart: string): Log {
    if (this.#directory === null) return this.#server
    const name = processGroupOf(nameOfPart)
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    try {
      const log = new LogFile(this.#pathOf(name), { rotation: this.#rotation })
      this.#groups.set(name, log)
      return log
    } catch (error) {
      this.say('error', { group: name }, `cannot open its log: ${String(error)}; its lines stand here`)
      return this.#server
    }
  }

  /** The access log of a group, or of the server (null), opened when first asked for; the server's own log while that fails. */
  access(group: string | null): LineLog {
    if (this.#directory === null) return this.#server
    const known = this.#access.get(group ?? '')
    if (known !== undefined) return known
    try {
      const complain = (text: string): void => this.say('error', group === null ? {} : { group }, `access log: ${text}`)
      const log = new LogFile(this.#pathOf(accessLogName(group)), { rotation: this.#rotation, complain })
      this.#access.set(group ?? '', log)
      return log
    } catch (error) {
      this.say(
        'error',
        group === null ? {} : { group },
        `cannot open the access log: ${String(error)}; its lines stand here`,
      )
      return this.#server
    }
  }

  /** A line of the server's own, as for `wsgid.log`. */
  say(level: Level, speaker: Speaker, text: string): void {
    this.#server.write(level, speaker, text)
  }

  /** Opens all files anew, for logrotate. */
  reopen(): void {
    for (const log of this.#all) log.reopen()
  }

  /** How all of them are rotated from now on. */
  rotateBy(rotation: LogRotation | null): void {
    this.#rotation = rotation
    for (const log of this.#all) log.rotateBy(rotation)
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((log) => log.close()))
  }

  /** The server's last: the others complain there. */
  get #all(): readonly LogFile[] {
    return [...this.#groups.values(), ...this.#access.values(), this.#server]
  }

  #pathOf(name: string): string | null {
    return this.#directory === null ? null : join(this.#directory, `${name}.log`)
  }
}

/** Without ".log", as a group's log is named by the group. */
function accessLogName(group: string | null): string {
  return group === null ? 'access' : `${group}.access`
}
