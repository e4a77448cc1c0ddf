// `wsgid top`: what runs, live. Joins the terminal, the server and the model; decides nothing.
import { setTimeout as pause } from 'node:timers/promises'
import { Option, type Command } from 'commander'
import { ControlClient, ControlError } from '../control/client.ts'
import type { ProgressLine } from '../control/progress-line.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { controlSocketIn } from '../supervisor/run-dir.ts'
import { wantsColour } from './colour.ts'
import { CommandFailure, controlFailure } from './failure.ts'
import { findRunDir } from './find-run-dir.ts'
import { lastLineOf } from './group-figures.ts'
import { intervalOf } from './interval.ts'
import { startOfTop, stepTop, type TopEvent } from './top/model.ts'
import { Screen } from './top/screen.ts'
import { topLines } from './top/view.ts'

type Options = Readonly<{ config: string; interval: number }>

/** Adds the command to the program. */
export function registerTop(program: Command): void {
  program
    .command('top')
    .description('show groups live, full-screen: CPU, memory, requests, queues; keys sort, filter and restart')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .addOption(new Option('--interval <duration>', 'how often it looks').argParser(intervalOf).default(2000, '2s'))
    .addHelpText('after', '\nExamples:\n  wsgid top\n  wsgid top --interval 500ms')
    .action((options: Options) => top(options))
}

/** How long the server may take to answer one question. */
const patienceMs = 3000
const tickMs = 1000

async function top({ config, interval }: Options): Promise<void> {
  mustBeTerminal()
  const socket = controlSocketIn(findRunDir(config))
  const live = new Live(new ControlClient(socket))
  try {
    await live.run(interval)
  } catch (error) {
    throw controlFailure('top', socket, error)
  } finally {
    live.close()
  }
}

function mustBeTerminal(): void {
  const { stdin, stdout, env } = process
  if (stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb') return
  throw new CommandFailure(
    'top: not on a terminal: it needs one for its picture and its keys; use wsgid status --watch',
  )
}

/** Exit codes as of a process that the signal has ended. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** One run of `top`: takes what happens into the model, draws it, carries its effects out. */
class Live {
  readonly #client: ControlClient
  readonly #screen: Screen
  readonly #colour = wantsColour(process.stdout, process.env)
  readonly #quit: Promise<void>
  #end: () => void = () => undefined
  #model

  constructor(client: ControlClient) {
    this.#client = client
    this.#quit = new Promise((resolve) => (this.#end = resolve))
    this.#screen = new Screen({
      key: (key) => this.#take({ type: 'key', key }),
      resized: (size) => this.#take({ type: 'resized', size }),
      gone: () => this.#end(),
    })
    this.#model = startOfTop(this.#screen.size, Date.now())
  }

  /** Until somebody quits. @throws ControlError when the server is gone, or cannot be asked at all */
  async run(intervalMs: number): Promise<void> {
    // Whoever may not ask, or asks nobody, is told so without the other screen.
    await this.#ask()
    // The screen gives the terminal back whenever the process ends by itself: it hears of 'exit'.
    for (const [signal, code] of Object.entries(signals)) process.once(signal, () => process.exit(code))
    const clock = setInterval(() => this.#take({ type: 'tick', at: Date.now() }), tickMs)
    try {
      this.#screen.open()
      this.#draw()
      await Promise.race([this.#quit, this.#askForEver(intervalMs)])
    } finally {
      clearInterval(clock)
    }
  }

  close(): void {
    this.#screen.close()
    // Questions may be on their way, to a supervisor that does not answer. By then the command line has set the exit code.
    setImmediate(() => process.exit())
  }

  async #askForEver(intervalMs: number): Promise<never> {
    for (;;) {
      await pause(intervalMs)
      await this.#ask()
    }
  }

  async #ask(): Promise<void> {
    this.#take({ type: 'asked', at: Date.now() })
    try {
      const document = await this.#client.status(patienceMs)
      this.#take({ type: 'answered', document, at: Date.now() })
    } catch (error) {
      // One that hangs may recover, the picture says for how long it has been silent; one that has just ended is found gone by the next question.
      if (!(error instanceof ControlError) || error.isFinal) throw error
      this.#take({ type: 'tick', at: Date.now() })
    }
  }

  #take(event: TopEvent): void {
    const [model, effect] = stepTop(this.#model, event)
    this.#model = model
    this.#draw()
    switch (effect?.type) {
      case 'quit':
        return this.#end()
      case 'suspend':
        return this.#screen.suspend()
      case 'restart':
        return void this.#restart(effect.group)
      case undefined:
    }
  }

  async #restart(group: string): Promise<void> {
    const say = (text: string) => this.#take({ type: 'said', text })
    await this.#client
      .restart([group], (line) => {
        const text = textOf(line)
        if (text !== null) say(text)
      })
      .catch((error: unknown) => say(`${group}: ${error instanceof Error ? error.message : String(error)}`))
  }

  #draw(): void {
    this.#screen.draw(topLines(this.#model, this.#colour))
  }
}

function textOf(line: ProgressLine): string | null {
  switch (line.type) {
    case 'worker':
      return `${line.group}: worker ${line.worker} (generation ${line.generation}) ${line.to}`
    case 'group':
      return line.error === null
        ? `${line.group}: restarted`
        : `${line.group}: not restarted, the old code serves: ${lastLineOf(line.error)}`
    case 'refused':
      return line.message
    case 'listener':
    case 'options':
    case 'left-out':
    case 'done':
      return null
  }
}
