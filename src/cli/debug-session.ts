// The life of a worker under a debugger, on the terminal that this process has: started as the supervisor says, announced when it has loaded, taken
// away from the routers before it ends, and ended when the supervisor is.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync } from 'node:fs'
import { Socket } from 'node:net'
import type { ControlClient } from '../control/client.ts'
import type { DebugLaunch, DebugLine, DebugQuestion } from '../control/debug-line.ts'
import { bindPath, type BoundSocket } from '../launch/sockets.ts'
import { renderEnd } from '../lifecycle/exit-reason.ts'
import { hearTemplate, tellTemplate } from '../supervisor/control-lines.ts'
import { CommandFailure } from './failure.ts'

/**
 * @returns exit code: 0 when it ended as it should, 1 when the worker could not be started or has crashed
 * @throws ControlError, or CommandFailure when the supervisor refuses
 */
export async function runDebugSession(client: ControlClient, question: DebugQuestion): Promise<number> {
  const session = new DebugSession(client, question)
  // Meant for the worker, which is in the same foreground: Ctrl-C.
  process.on('SIGINT', ignore)
  return session.run()
}

/** What a worker says; null: nothing that could be understood. */
type Said = Parameters<Parameters<typeof hearTemplate>[2]>[0]

class DebugSession {
  readonly #client: ControlClient
  readonly #question: DebugQuestion
  #worker: DebuggedProcess | null = null
  #refusal: string | null = null
  #wasIdle = false

  constructor(client: ControlClient, question: DebugQuestion) {
    this.#client = client
    this.#question = question
  }

  async run(): Promise<number> {
    const asked = this.#client.debug(this.#question, (line) => this.#told(line))
    const supervisorEnded = asked.over.then(() => this.#supervisorEnded())
    // Before there is a worker, only the supervisor can end it.
    await Promise.race([supervisorEnded, this.#started])
    // It may be broken off later; whatever ends it, the worker is told.
    supervisorEnded.catch(() => this.#supervisorEnded())
    if (this.#refusal !== null) throw new CommandFailure(`debug: ${this.#refusal}`)
    const code = (await this.#worker?.ended) ?? 1
    asked.end()
    await asked.over.catch(ignore)
    return code
  }

  #start: () => void = () => undefined
  readonly #started = new Promise<void>((resolve) => (this.#start = resolve))

  #told(line: DebugLine): void {
    switch (line.type) {
      case 'refused':
        this.#refusal = line.message
        return
      case 'prepared':
        this.#worker = new DebuggedProcess(line, (message) => this.#said(line.worker, message))
        return this.#start()
      case 'ending':
        say(`${line.why}; a request at the prompt goes on with c or q`)
        return
      case 'idle':
        this.#wasIdle = true
        return this.#worker?.drain()
    }
  }

  #said(number: number, message: Said): void {
    if (message?.type === 'loaded') {
      const pid = this.#worker?.pid ?? 0
      say(`worker ${pid} of ${this.#question.group} takes ${chosen(this.#question)}; q or Ctrl-D ends`)
      this.#client.debugReady(number, pid).catch(ignore)
    } else if (message?.type === 'load-error') process.stdout.write(message.traceback)
    else if (message?.type === 'retire') {
      say('ending: its requests go to the other workers')
      this.#client.debugEnd(number).catch(ignore)
    } else if (message === null) say('the worker broke the control protocol')
  }

  /** It says `idle` first, if it can. */
  #supervisorEnded(): void {
    if (this.#wasIdle || this.#worker === null) return
    say('the supervisor has ended, and so does this; a request at the prompt goes on with c or q')
    this.#worker.drain()
  }
}

/** The process, its socket and its control socket. */
class DebuggedProcess {
  readonly pid: number
  /** Resolves with an exit code. */
  readonly ended: Promise<number>
  readonly #child: ChildProcess
  readonly #control: Socket
  readonly #listener: BoundSocket

  constructor(launch: DebugLaunch, said: (message: Said) => void) {
    const { command, cwd, socketPath, routerGid, configure } = launch
    this.#listener = bindPath(socketPath)
    if (routerGid !== null) chownSync(socketPath, 0, routerGid)
    chmodSync(socketPath, routerGid === null ? 0o600 : 0o660)
    const stdio = ['inherit', 'inherit', 'inherit', 'pipe', this.#listener.fd] as const
    // In our session: the terminal is that of both.
    const env = { ...command.env, TERM: process.env['TERM'] ?? 'dumb' }
    this.#child = spawn(command.file, command.args, { cwd, env, stdio: [...stdio] })
    this.pid = this.#child.pid ?? 0
    const control = this.#child.stdio[3]
    if (!(control instanceof Socket)) throw new Error(`cannot make the pipes of ${command.file}: too many open files`)
    this.#control = control
    control.write(`${configure}\n`)
    hearTemplate(control, 1, said)
    this.ended = this.#end()
  }

  drain(): void {
    tellTemplate(this.#control, { type: 'drain', worker: 0, reason: 'stop' })
  }

  async #end(): Promise<number> {
    await once(this.#child, 'exit')
    this.#control.destroy()
    this.#listener.close()
    const end = { code: this.#child.exitCode, signal: this.#child.signalCode }
    if (end.code === 0) return 0
    say(`the worker ended: ${renderEnd(end)}`)
    return 1
  }
}

function chosen({ choice }: DebugQuestion): string {
  if ('share' in choice)
    return choice.share === 1 ? 'each request that finds it free' : `${choice.share * 100} % of its requests`
  const { name, value } = choice.header
  return `its requests with ${value === null ? name : `${name}: ${value}`}`
}

const say = (text: string): void => void process.stdout.write(`wsgid: ${text}\n`)

/** The end of the worker or of the supervisor, which is seen elsewhere too. */
const ignore = (): void => undefined
