// Runs the real `bin/wsgid start --foreground` for one test and sees that nothing of it is left at the end.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { stringify } from 'yaml'
import type { GroupDefinition } from './a-group.ts'
import { eventually } from './eventually.ts'
import { request, type Answer } from './http.ts'
import { familyOf, isRunning, processesAround, type ProcessRow } from './processes.ts'
import { outcomeAs, type CommandResult } from './running-as.ts'
import { makeSite, type Site } from './site.ts'
import { parseStatus, type ExitStatus, type GroupStatus, type Status } from './status-document.ts'
import { atEnd, conclusively, isRoot, type Outcome } from './test.ts'

/** What is tested. */
export const program = fileURLToPath(new URL('../../bin/wsgid', import.meta.url))
const built = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export type StartOptions = Readonly<{
  groups: readonly GroupDefinition[]
  /** Keys of wsgid.yaml that differ from the harness's own. */
  config?: Readonly<Record<string, unknown>>
  /** The directory to run in; default: a new one. */
  site?: Site
  /** Words before the program, that start it: unshare and the like. */
  within?: readonly string[]
  /** When it counts as started; default: every group is running. */
  until?: (status: Status) => boolean
}>

export type StoppedSite = Readonly<{ configFile: string; /** Where the supervisor would answer. */ socket: string }>

/**
 * Starts a server of its own on a free port of 127.0.0.1, with run-dir and log-dir inside the site, and waits until all its groups run.
 * As root the routers run as nobody, since www-data and games are tenants.
 */
export async function startWsgid(options: StartOptions): Promise<RunningWsgid> {
  if (!existsSync(built)) throw new Error('dist/ is not built: npm run build')
  const site = options.site ?? (await makeSite())
  const configFile = await writeConfiguration(site, options)
  const server = new RunningWsgid(site, configFile, options.within)
  await server.untilStarted(options.until ?? everyGroupRuns)
  return server
}

/** Writes wsgid.yaml and groups.d/NAME.yaml; startWsgid does it by itself. @returns the path of wsgid.yaml */
export async function writeConfiguration(site: Site, options: StartOptions): Promise<string> {
  await mkdir(site.path('groups.d'), { recursive: true })
  for (const group of options.groups) {
    await writeFile(site.path('groups.d', `${group.name}.yaml`), stringify(group))
  }
  const configFile = site.path('wsgid.yaml')
  const config = {
    listen: [{ address: '127.0.0.1:0' }],
    'run-dir': site.path('run'),
    'log-dir': site.path('log'),
    ...(isRoot ? { user: 'nobody' } : {}),
    ...options.config,
  }
  await writeFile(configFile, stringify(config))
  return configFile
}

/** Runs one `wsgid` command to its end, with the environment of the test. */
export async function runWsgid(...args: readonly string[]): Promise<CommandResult> {
  const result = await execa(program, args, { reject: false, timeout: 60_000 })
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr }
}

/** Asks the supervisor itself, as commands do. */
export function askControl(site: Site, path: string): Promise<Answer> {
  return request(`http://control${path}`, { socketPath: site.path('run', 'control.sock'), timeoutMs: 10_000 })
}

/** A site whose configuration is complete, and where nothing runs. */
export async function siteWithoutServer(...groups: readonly GroupDefinition[]): Promise<StoppedSite> {
  const site = await makeSite()
  const configFile = await writeConfiguration(site, { groups })
  await mkdir(site.path('run'))
  return { configFile, socket: site.path('run', 'control.sock') }
}

/** The same as another account: without this test's environment, in a directory that everybody can enter. */
export function runWsgidAs(user: string, ...args: readonly string[]): Promise<CommandResult> {
  return outcomeAs(user, [process.execPath, program, ...args], { cwd: '/' })
}

export class RunningWsgid {
  readonly site: Site
  readonly configFile: string
  /** Everything it printed, both streams, line by line. */
  readonly output: string[] = []
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #seen = new Map<string, ProcessRow>()
  #killed = false
  #listening: readonly string[] = []

  constructor(site: Site, configFile: string, within: readonly string[] = []) {
    this.site = site
    this.configFile = configFile
    const [command, ...args] = [...within, program, 'start', '--foreground', '-c', configFile]
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#exited = once(this.#child, 'exit')
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.output.push(line))
    }
    atEnd(async (outcome) => {
      if (outcome === 'failed') await this.#printLogs()
      await this.#end(outcome)
    })
  }

  /** Of the supervisor. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('wsgid could not be executed')
    return this.#child.pid
  }

  /** A URL on the first listener. */
  url(path = '/'): string {
    return new URL(path, this.#listening[0]).href
  }

  wsgid(...args: readonly string[]): Promise<CommandResult> {
    return runWsgid(...args, '-c', this.configFile)
  }

  async status(): Promise<Status> {
    const { exitCode, stdout, stderr } = await this.wsgid('status', '--json')
    if (exitCode !== 0) throw new Error(`wsgid status: exit ${exitCode}: ${stderr}`)
    this.#remember()
    return parseStatus(stdout)
  }

  /** The only group, or the one of that name. */
  async group(name?: string): Promise<GroupStatus> {
    const { groups } = await this.status()
    const found = name === undefined ? groups[0] : groups.find((group) => group.name === name)
    if (found === undefined) throw new Error(`no group ${name ?? ''} in the status`)
    return found
  }

  /** The workers of the only group, or of the one of that name. */
  async pidsOf(name?: string): Promise<readonly number[]> {
    return (await this.group(name)).workers.map(({ pid }) => pid)
  }

  /** What stands in the log of a group ("wsgid": the server's own); "" when there is none. */
  log(group: string): Promise<string> {
    return readFile(this.site.path('log', `${group}.log`), 'utf8').catch(() => '')
  }

  /** Waits for a line in a group's log and returns it. */
  logLine(group: string, pattern: RegExp): Promise<string> {
    return eventually(`${String(pattern)} in the log of ${group}`, async () =>
      (await this.log(group)).split('\n').find((line) => pattern.test(line)),
    )
  }

  /** Waits until a worker of a group has ended, and tells why. */
  exitOf(group: string, pid: number): Promise<ExitStatus> {
    return eventually(`worker ${pid} of ${group} has ended`, async () =>
      (await this.#askStatus()).groups.find(({ name }) => name === group)?.lastExits.find((exit) => exit.pid === pid),
    )
  }

  /** Waits for a status that a test wants to see. */
  async statusWhen(what: string, wanted: (status: Status) => boolean, seconds = 15): Promise<Status> {
    const ask = async () => {
      const status = await this.#askStatus()
      return wanted(status) ? status : undefined
    }
    const status = await eventually(what, ask, seconds)
    this.#remember()
    return status
  }

  async untilStarted(isStarted: (status: Status) => boolean): Promise<void> {
    const ask = async () => {
      if (this.#child.exitCode !== null) throw new Error(`wsgid ended at once:\n${this.output.join('\n')}`)
      if (this.output.length === 0) return undefined
      const status = await this.#askStatus().catch(() => undefined)
      return status && isStarted(status) ? status : undefined
    }
    const status = await eventually('wsgid started', ask, 30)
    this.#listening = status.listen
    this.#remember()
  }

  /** Sends a signal to the supervisor and waits until it is gone. @returns its exit code, null when a signal ended it */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#remember()
    this.#killed = signal === 'SIGKILL'
    this.#child.kill(signal)
    await this.exited()
    return this.#child.exitCode
  }

  /** Waits until the supervisor has ended. */
  async exited(seconds = 30): Promise<void> {
    const ended = () => ((this.#child.exitCode ?? this.#child.signalCode) === null ? undefined : true)
    await Promise.race([this.#exited, eventually('the supervisor has ended', ended, seconds)])
  }

  /** Those of its processes that still run. */
  running(): readonly ProcessRow[] {
    return [...this.#seen.values()].filter(isRunning)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The work is done by the ending, which knows whether the test passed; here the server is stopped on time.
    await this.#stop()
  }

  /** What `wsgid status` asks, without a new process for each of the many times that a test waits for something. */
  async #askStatus(): Promise<Status> {
    const { status, text } = await askControl(this.site, '/status')
    if (status !== 200) throw new Error(`asked for its status, wsgid answered ${status}: ${text}`)
    return parseStatus(text)
  }

  #remember(): void {
    for (const row of familyOf(this.pid)) this.#seen.set(`${row.pid} ${row.startTime}`, row)
  }

  async #stop(): Promise<void> {
    if ((this.#child.exitCode ?? this.#child.signalCode) !== null) return
    this.#remember()
    this.#child.kill('SIGTERM')
    await this.exited()
  }

  async #end(outcome: Outcome): Promise<void> {
    const stopping = await Promise.allSettled([this.#stop()])
    // After a kill -9 the others end by themselves, when they have finished what they run.
    if (this.#killed)
      await Promise.allSettled([eventually('the others end', () => this.running().length === 0 || undefined, 25)])
    const around = [...this.running(), ...processesAround(this.site.path('run')), ...processesAround(this.configFile)]
    const left = around.filter(isRunning).map(({ pid }) => pid)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    if (stopping[0].status === 'rejected') throw new Error('wsgid did not stop', { cause: stopping[0].reason })
    const judge = () => {
      if (left.length > 0) throw new Error(`wsgid left processes behind: ${left.join(' ')}`)
      if (this.#killed) return // Killed by the test: files are the next start's to clean up.
      const files = filesIn(this.site.path('run'))
      if (files.length > 0) throw new Error(`wsgid left files behind: ${files.join(' ')}`)
    }
    // After a failure a command of the test's own may be what is left, and who is to notice a kill -9 may be late.
    if (outcome === 'failed' || this.#killed) judge()
    else conclusively(judge)
  }

  async #printLogs(): Promise<void> {
    const names = existsSync(this.site.path('log')) ? readdirSync(this.site.path('log')) : []
    const logs = await Promise.all(names.map((name) => readFile(this.site.path('log', name), 'utf8')))
    const parts = [
      `=== printed by wsgid\n${this.output.join('\n')}`,
      ...names.map((name, index) => `=== ${name}\n${(logs[index] ?? '').slice(-8000)}`),
    ]
    process.stderr.write(`${parts.join('\n')}\n`)
  }
}

function everyGroupRuns(status: Status): boolean {
  return status.state === 'running' && status.groups.every((group) => group.state === 'running')
}

function filesIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return []
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}
