// All running routers by number: starts them, speaks to them, turns what they say into events.
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import type { WorkerName } from '../lifecycle/fleet.ts'
import { routerCommand, type Tools } from '../launch/argv.ts'
import { sendSocket } from '../launch/sockets.ts'
import { spawnRouter } from '../launch/spawn.ts'
import { captureOutput } from '../observe/capture.ts'
import type { Logs } from '../observe/logs.ts'
import type { Identity, RouterSettings } from '../plan/plan.ts'
import type { FromRouter, RouterGroup, ToRouter } from '../protocol/supervision.ts'
import { renderEnd } from '../lifecycle/exit-reason.ts'
import type { AccessLines } from './access-lines.ts'
import type { Credentials } from './credentials.ts'
import type { Listener, ListenerChange } from './listeners.ts'
import type { Input } from './machines.ts'
import { checkRouterMessage } from './messages.ts'
import type { RouterReports } from './router-reports.ts'

/** `PATH` for what node itself might look up; nothing of the supervisor's environment reaches a process that faces the network. */
const routerEnvironment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

/**
 * So many connections a router takes in one turn of its event loop: libuv takes one from each copy of a socket. With TLS the handshakes take
 * the time.
 */
const copiesOfPlain = 8

type World = Readonly<{
  tools: Tools
  logs: Logs
  program: string
  /** Whom they become; null: they stay who they are. */
  identity: Identity | null
  reports: RouterReports
  credentials: Credentials
  post: (input: Input) => void
  listeners: () => readonly Listener[]
  settings: () => RouterSettings
  accessLines: AccessLines
  routes: () => readonly RouterGroup[]
  /** The longest grace that any group gives its requests, milliseconds: a router outlives it. */
  /** What tells them of a worker; undefined when it is gone. */
  announcementOf: (name: WorkerName) => ToRouter | undefined
  /** The identity of a group's script files. */
  scriptsOf: (group: string) => string
  knows: (group: string) => boolean
  listenFailed: (reason: string) => void
}>

type Running = { readonly child: ChildProcess; readonly listening: Set<string>; introduced: boolean }

export class RouterChildren {
  readonly #world: World
  readonly #routers = new Map<number, Running>()
  /** What the routers sign nonces with, so that one knows those of the others and of its predecessor. */
  readonly #nonceSecret = randomBytes(32).toString('hex')

  constructor(world: World) {
    this.#world = world
  }

  /** Starts a router; a failure is reported like an exit. */
  start(number: number): void {
    const { tools, program, identity, logs, post } = this.#world
    const privileged = identity !== null
    const command = routerCommand(tools, { privileged, program, environment: routerEnvironment })
    try {
      const { child, stdout, stderr, accessLines } = spawnRouter(command)
      this.#routers.set(number, { child, listening: new Set(), introduced: false })
      this.#follow(number, child)
      const speaker = { router: number, ...(child.pid !== undefined && { pid: child.pid }) }
      captureOutput(stdout, logs.server, { level: 'stdout', speaker })
      captureOutput(stderr, logs.server, { level: 'stderr', speaker })
      this.#world.accessLines.follow(accessLines, () => this.#isFaulty(number))
      logs.say('info', speaker, 'starting')
      this.send(number, { type: 'configure', identity, router: number, nonceSecret: this.#nonceSecret })
    } catch (error) {
      logs.say('error', { router: number }, `cannot start a router: ${String(error)}`)
      post({ to: 'fleet', event: { type: 'exited', number } })
    }
  }

  /** Tells a new router everything: routes, the workers that serve, and last the sockets to listen on. */
  introduce(number: number, serving: readonly WorkerName[]): void {
    const running = this.#routers.get(number)
    if (running !== undefined) running.introduced = true
    this.send(number, { type: 'settings', settings: this.#world.settings() })
    this.send(number, { type: 'routes', groups: this.#world.routes() })
    for (const name of serving) this.announce(number, name)
    for (const listener of this.#world.listeners()) this.#listen(number, listener)
  }

  /** New routes, for those that have some already; the others get them when they are introduced. */
  reroute(groups: readonly RouterGroup[]): void {
    this.#toIntroduced({ type: 'routes', groups })
  }

  /** New settings, likewise. */
  reset(settings: RouterSettings): void {
    this.#toIntroduced({ type: 'settings', settings })
  }

  /** One more address, for those that listen already. */
  listen(listener: Listener): void {
    for (const [number, { introduced }] of this.#routers) if (introduced) this.#listen(number, listener)
  }

  /** What has changed about an address that stays. */
  change({ before, after }: ListenerChange): void {
    const hasStep = ({ settings }: Listener): boolean => settings.proxyProtocol !== 'off'
    if (before.url === after.url && hasStep(before) === hasStep(after))
      return this.#toIntroduced({ type: 'relisten', listener: after.url, settings: after.settings })
    // From plain HTTP to TLS or back, or from and to the PROXY protocol: another listener on the same socket, maybe under the same name.
    this.unlisten(before)
    this.listen(after)
  }

  /** One address less. */
  unlisten({ url }: Listener): void {
    this.broadcast({ type: 'unlisten', listener: url })
  }

  announce(number: number, name: WorkerName): void {
    const message = this.#world.announcementOf(name)
    if (message !== undefined) this.send(number, message)
  }

  /** To one router, if it is there; one that is just ending is found by its exit. */
  send(number: number, message: ToRouter): void {
    const child = this.#routers.get(number)?.child
    if (child?.connected === true) child.send(message, ignoreClosedChannel)
  }

  broadcast(message: ToRouter): void {
    for (const number of this.#routers.keys()) this.send(number, message)
  }

  kill(number: number): void {
    this.#routers.get(number)?.child.kill('SIGKILL')
  }

  release(number: number): void {
    this.#routers.delete(number)
    this.#world.reports.ended(number)
  }

  /** A group was removed. */
  forget(group: string): void {
    this.#world.reports.totals.forget(group)
  }

  pid(number: number): number | undefined {
    return this.#routers.get(number)?.child.pid
  }

  /** The others get everything when they are introduced. */
  #toIntroduced(message: ToRouter): void {
    for (const [number, { introduced }] of this.#routers) if (introduced) this.send(number, message)
  }

  #listen(number: number, { url, socket, settings }: Listener): void {
    const message: ToRouter = { type: 'listen', listener: url, settings }
    const child = this.#routers.get(number)?.child
    const copies = settings.certificates.length > 0 ? 1 : copiesOfPlain
    for (let copy = 0; copy < copies && child?.connected === true; copy += 1)
      sendSocket(child, message, socket, ignoreClosedChannel)
  }

  #follow(number: number, child: ChildProcess): void {
    const { post, logs } = this.#world
    const ended = (why: string): void => {
      logs.say('info', { router: number, ...(child.pid !== undefined && { pid: child.pid }) }, why)
      post({ to: 'fleet', event: { type: 'exited', number } })
    }
    child.on('message', (message) => this.#heard(number, checkRouterMessage(message)))
    child.on('exit', (code, signal) => ended(`ended: ${renderEnd({ code, signal })}`))
    child.on('error', (error) => {
      // Also raised when a message or a signal cannot be sent; only without a pid was nothing ever started.
      if (child.pid === undefined) ended(`cannot start: ${error.message}`)
    })
  }

  #heard(number: number, message: FromRouter | null): void {
    const { post, reports } = this.#world
    switch (message?.type) {
      case 'ready':
        return post({ to: 'fleet', event: { type: 'hello', number } })
      case 'listening':
        return this.#listening(number, message.listener)
      case 'listen-failed':
        return this.#listenFailed(number, `cannot listen on ${message.listener}: ${message.reason}`)
      case 'worker-idle':
        return post({ to: 'fleet', event: { ...message, type: 'worker-idle', number } })
      case 'demand':
        return this.#demanded(message.group)
      case 'pressure':
        return post({ to: 'group', group: message.group, event: { type: 'pressure' } })
      case 'reported':
        return reports.arrived(number, message)
      case 'worker-lost':
        return this.#lost(number, message)
      case 'credentials-wanted':
        return void this.#tellCredentials(number, message)
      case 'log':
        return this.#log(number, message)
      case undefined:
        return this.#isFaulty(number)
    }
  }

  #isFaulty(number: number): void {
    this.#world.logs.say('error', { router: number }, 'broke the protocol and is killed')
    this.#world.post({ to: 'fleet', event: { type: 'faulty', number } })
  }

  #demanded(group: string): void {
    const { post, scriptsOf, knows } = this.#world
    if (knows(group)) post({ to: 'group', group, event: { type: 'demand', scripts: scriptsOf(group) } })
  }

  async #tellCredentials(
    number: number,
    { file, version }: Extract<FromRouter, { type: 'credentials-wanted' }>,
  ): Promise<void> {
    const answer = await this.#world.credentials.answer(file, version)
    this.send(number, { type: 'credentials', file, answer })
  }

  #lost(number: number, { group, worker, reason }: Extract<FromRouter, { type: 'worker-lost' }>): void {
    const { post, logs } = this.#world
    logs.say('info', { router: number, group, worker }, `lost: ${reason}`)
    post({ to: 'group', group, event: { type: 'worker-lost', number: worker } })
  }

  #listening(number: number, listener: string): void {
    const { post, listeners } = this.#world
    const listening = this.#routers.get(number)?.listening.add(listener)
    const all = listeners().every(({ url }) => listening?.has(url))
    if (all) post({ to: 'fleet', event: { type: 'listening', number } })
  }

  #listenFailed(number: number, reason: string): void {
    const { post, logs, listenFailed } = this.#world
    logs.say('error', { router: number }, reason)
    post({ to: 'fleet', event: { type: 'faulty', number } })
    listenFailed(reason)
  }

  #log(number: number, { group, level, request, text }: Extract<FromRouter, { type: 'log' }>): void {
    const known = group !== null && this.#world.knows(group)
    const log = known ? this.#world.logs.group(group) : this.#world.logs.server
    log.write(level, { ...(known && { group }), router: number, ...(request !== '' && { request }) }, text)
  }
}

/** The channel closes when a router dies; its exit says so. */
const ignoreClosedChannel = (): void => undefined
